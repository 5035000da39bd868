"""One run, from the paths of a command line to an outcome; nothing is printed or written here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from alchemove_codemods import (
    cache,
    config,
    explain,
    files,
    git,
    lazy_recording,
    pinned,
    pinned_fastapi,
    pinned_pydantic,
    project,
    template_files,
    template_loops,
)
from alchemove_codemods.findings import Outcome
from alchemove_codemods.project import NotUsable, Project
from alchemove_codemods.report.text import SKIP_COMMENT

if TYPE_CHECKING:
    from alchemove_codemods.engine import Options


class Engine(Protocol):
    """:func:`alchemove_codemods.engine.run`, as a value."""

    def __call__(
        self,
        stage: str,
        sources: Mapping[str, bytes],
        options: Options | None = None,
        targets: Sequence[str] | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> Outcome:
        """Decide and apply *stage* for *sources*."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks for.

    ``include`` and ``exclude`` are patterns as in .gitignore, relative to the working folder, or to PATH where that
    lies elsewhere. ``lazy_loads`` is a recording, for the stage ``async``. ``inventory`` asks for what the program consists of, too.
    """

    stage: str
    paths: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    strict: bool = False
    cached: bool = True
    config: str | None = None
    lazy_loads: str | None = None
    inventory: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it.

    ``sources`` are as they were read, ``targets`` the files that the outcome is about, ``explanations`` the texts of
    the reasons in it.
    """

    project: Project
    sources: Mapping[str, bytes]
    targets: tuple[str, ...]
    outcome: Outcome
    explanations: Mapping[str, str]
    notes: tuple[str, ...]


def perform(request: Request, engine: Engine | None, progress: Callable[[str], None]) -> Run:
    """Find the program, read it and let *engine* (default: ours) decide, or take the outcome from the cache.

    Raises:
        NotUsable: a path, a pattern or the recording cannot be used.
        WrongConfig: the configuration cannot be used.
    """
    program, settings, targets = locate(request, progress)
    options = settings.options(request.stage, program.root, strict=request.strict)
    if request.lazy_loads is not None:
        if request.stage != "async":
            raise NotUsable(f"--lazy-loads is for --stage async; --stage {request.stage} leaves lazy loads as they are")
        seen = lazy_recording.read(Path(request.lazy_loads), program.files)
        options["stage_options"] = {**options["stage_options"], "lazy_loads": seen}

    progress(f"reading {len(program.files):,} files")
    sources, unreadable = files.read(program.root, program.files)
    if request.stage in ("select", "async") and (templates := template_files.read(program.root, sources.values())):
        options["read_by_templates"] = template_files.attributes(templates)
        if request.stage == "async":
            options["stage_options"] = {**options["stage_options"], "templates": templates}
        else:
            options["gone_through_by_templates"] = template_loops.gone_through(templates)
    if request.stage == "select":
        options["sqlalchemy"] = pinned.allowed(program.root, "sqlalchemy")
        options["flask_sqlalchemy"] = pinned.allowed(program.root, "flask[-_]sqlalchemy")
    if request.stage == "async" and (fastapi := pinned_fastapi.read(program.root)) is not None:
        options["stage_options"] = {**options["stage_options"], "fastapi": fastapi}
    if request.stage == "async" and pinned_pydantic.is_first(program.root):
        options["stage_options"] = {**options["stage_options"], "pydantic": 1}
    targets = tuple(target for target in targets if target in sources)
    chosen = None if len(targets) == len(sources) else targets
    decided = _decided(request, engine, sources, options, chosen, progress)
    outcome = decided.outcome
    problems = sorted({*outcome.problems, *unreadable, *program.problems})
    about = {*program.targets, *(problem.path for problem in program.problems)}
    elsewhere = [problem for problem in problems if problem.path not in about]
    notes = list(program.notes)
    if elsewhere:
        notes.append(
            f"{len(elsewhere)} files outside the given paths could not be read or parsed ({elsewhere[0].path}, ...); "
            "what they call is unknown"
        )
    if request.stage == "select" and outcome.changed and (only := pinned.too_old(program.root)):
        notes.append(
            f"the project allows SQLAlchemy {only} only; the rewritten code needs 1.4.24 or newer (Session.scalars()): "
            "raise the version along with it"
        )
    outcome = replace(
        outcome,
        findings=sorted(outcome.findings),
        problems=[problem for problem in problems if problem.path in about],
    )
    return Run(program, sources, targets, outcome, decided.explanations, tuple(notes))


def locate(request: Request, progress: Callable[[str], None]) -> tuple[Project, config.Config, tuple[str, ...]]:
    """The program that a user means, its configuration, and those of its files that the run is about.

    Raises:
        NotUsable: a path or a pattern cannot be used.
        WrongConfig: the configuration cannot be used.
    """
    progress("looking for Python files")
    settings = config.load(Path(request.config)) if request.config is not None else None
    paths = [Path(path) for path in request.paths]
    if not paths:
        settings = settings or config.find(Path.cwd(), git.repository_of(Path.cwd()) or Path.cwd())
        paths = [settings.folder / path for path in settings.paths] or [Path()]
    program = project.find(paths)
    settings = settings or config.find(program.common, program.root)
    targets = _selected(program, request, settings)
    return program, settings, targets


def _decided(
    request: Request,
    engine: Engine | None,
    sources: Mapping[str, bytes],
    options: Mapping[str, Any],
    targets: tuple[str, ...] | None,
    progress: Callable[[str], None],
) -> cache.Entry:
    place = cache.folder() if request.cached else None
    purpose = f"{request.stage}, inventory" if request.inventory else request.stage
    name = "" if place is None else cache.key(purpose, sources, options, targets)
    if place is not None and (kept := cache.load(place, name)) is not None:
        return kept
    # Only now, since importing it takes as long as all the rest of a run whose outcome is known.
    from alchemove_codemods import engine as ours

    outcome = (engine or ours.run)(request.stage, sources, ours.Options(**options), targets, progress)
    if request.inventory and not outcome.inventory:
        from alchemove_codemods import inventory

        progress("looking for models, sessions, drivers and frameworks")
        outcome.inventory = inventory.of(sources, targets, options["source_roots"], options["session_names"])
    reasons = sorted({finding.reason for finding in outcome.findings if finding.reason is not None})
    entry = cache.Entry(outcome, {reason: explain.reason(reason, request.stage) for reason in (*reasons, SKIP_COMMENT)})
    if place is not None:
        cache.store(place, name, entry)
    return entry


def _selected(program: Project, request: Request, settings: config.Config) -> tuple[str, ...]:
    """Those of the targets that the patterns of the command line and of the configuration leave."""
    here = Path.cwd()
    folder = here if _related(here, program.root) else program.base
    chosen = _filtered(program.targets, program.root, request.include, folder, wanted=True)
    chosen = _filtered(chosen, program.root, request.exclude, folder, wanted=False)
    own = settings.folder if _related(settings.folder, program.root) else program.root
    return _filtered(chosen, program.root, settings.exclude, own, wanted=False)


def _related(folder: Path, root: Path) -> bool:
    return root.is_relative_to(folder) or folder.is_relative_to(root)


def _filtered(
    names: tuple[str, ...], root: Path, patterns: Sequence[str], folder: Path, *, wanted: bool
) -> tuple[str, ...]:
    if not patterns:
        return names
    import pathspec

    try:
        spec = pathspec.GitIgnoreSpec.from_lines(patterns)
    except ValueError as error:
        raise NotUsable(f"{', '.join(patterns)}: {error}; patterns are written as in .gitignore") from error
    return tuple(name for name in names if spec.match_file(_seen_from(folder, root, name)) == wanted)


def _seen_from(folder: Path, root: Path, name: str) -> str:
    """*name*, which is relative to *root*, relative to *folder*."""
    if folder == root:
        return name
    if root.is_relative_to(folder):
        return f"{root.relative_to(folder).as_posix()}/{name}"
    below = f"{folder.relative_to(root).as_posix()}/"
    return name.removeprefix(below) if name.startswith(below) else f"../{name}"
