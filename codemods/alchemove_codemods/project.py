"""Which files are the program, which of them a run is for, and what their paths are relative to."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alchemove_codemods import git
from alchemove_codemods.findings import Problem

MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "alembic.ini", ".hg")
SKIPPED = frozenset(
    (".git", ".hg", ".svn", ".venv", ".tox", ".nox", ".eggs", "__pycache__", "node_modules", "site-packages")
)


class NotUsable(Exception):
    """A PATH that a run cannot start from; says which and what to do."""


@dataclass(frozen=True, slots=True)
class Project:
    """The program around the given PATHs.

    ``root`` is the folder that names of files and modules are relative to; ``base`` is the folder that the run was
    started for, which JSON reports are relative to; ``common`` is the deepest folder above all PATHs. ``files`` are
    the Python files of the whole program, ``targets`` those that may be rewritten: the ones below the PATHs.
    ``notes`` is what the user should know about the choice, ``problems`` are folders that could not be listed.
    """

    root: Path
    base: Path
    common: Path
    files: tuple[str, ...]
    targets: tuple[str, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def find(paths: Sequence[Path]) -> Project:
    """Find the program around *paths*.

    A rewritten helper changes what its callers get, so the program is never only what the user pointed at: in a git
    work tree it is the whole tree, elsewhere the nearest folder above that looks like a project, else the folder
    itself. Submodules are read, but rewritten only from inside: other programs use them too.

    Args:
        paths: existing folders and ``*.py`` files.

    Raises:
        NotUsable: a path does not exist, is no Python file, or the paths have no project in common.
    """
    resolved = [_checked(path) for path in paths]
    common = Path(os.path.commonpath([path if path.is_dir() else path.parent for path in resolved]))
    program = _of_repository(common, resolved) or _of_folder(common, resolved, git.repository_of(common))
    named = {path.relative_to(program.root).as_posix() for path in resolved if path.is_file()}
    candidates = sorted({*program.own, *named})
    prefixes = tuple(_prefix(path, program.root) for path in resolved if path.is_dir())
    return Project(
        root=program.root,
        base=_base(resolved, common),
        common=common,
        files=tuple(sorted({*candidates, *program.foreign})),
        targets=tuple(name for name in candidates if name in named or name.startswith(prefixes)),
        notes=tuple(program.notes),
        problems=tuple(program.problems),
    )


@dataclass(slots=True)
class _Program:
    """What lies around the PATHs; ``foreign`` is what may only be read."""

    root: Path
    own: list[str]
    foreign: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])
    problems: list[Problem] = field(default_factory=list[Problem])


def _of_repository(common: Path, resolved: Sequence[Path]) -> _Program | None:
    top = git.repository_of(common)
    if top is None:
        return None
    try:
        own, foreign = git.python_files(top)
    except git.GitFailed as error:
        program = _of_folder(common, resolved, None)
        program.notes.append(f"{error}\nAll Python files of {program.root} are read instead, ignored ones too.")
        return program
    program = _Program(top, _without_environments(own), _without_environments(foreign))
    # A folder that git ignores, but that was named on the command line, is a project of its own.
    ignored = any(
        path.is_dir() and not any(name.startswith(_prefix(path, top)) for name in program.own) for path in resolved
    )
    return None if ignored else program


def _of_folder(common: Path, resolved: Sequence[Path], around: Path | None) -> _Program:
    root, extents = _plain_root(common, resolved, around)
    problems: list[Problem] = []
    own = [name for extent in extents for name in _walk(extent, root, problems)]
    return _Program(root, own, problems=problems)


def _prefix(folder: Path, root: Path) -> str:
    return "" if folder == root else f"{folder.relative_to(root).as_posix()}/"


def _checked(path: Path) -> Path:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise NotUsable(f"{path} does not exist: name a folder or a Python file") from None
    except OSError as error:
        raise NotUsable(f"{path} cannot be read ({error.strerror})") from error
    if stat.S_ISDIR(mode):
        return path.resolve()
    if stat.S_ISREG(mode) and path.suffix == ".py":
        return path.resolve()
    raise NotUsable(f"{path} is neither a folder nor a *.py file: alchemove reads Python source only")


def _base(resolved: Sequence[Path], common: Path) -> Path:
    if len(resolved) == 1 and resolved[0].is_dir():
        return resolved[0]
    here = Path.cwd()
    return here if all(path.is_relative_to(here) for path in resolved) else common


def _without_environments(names: Iterable[str]) -> list[str]:
    """Committed or not yet ignored virtual environments and packages of others are no part of the program."""
    listed = list(names)
    environments = tuple(name.removesuffix("pyvenv.cfg") for name in listed if name.endswith("/pyvenv.cfg"))
    return [
        name
        for name in listed
        if name.endswith(".py") and not name.startswith(environments) and SKIPPED.isdisjoint(name.split("/"))
    ]


def _plain_root(common: Path, resolved: Sequence[Path], around: Path | None) -> tuple[Path, Sequence[Path]]:
    """The root outside git, below the repository *around* it that ignores it, if any; and the folders to walk."""
    for folder in (common, *common.parents):
        if folder == around or _belongs_to_nobody(folder):
            break
        if any((folder / marker).exists() for marker in MARKERS):
            return folder, (folder,)
    package = common
    while (package / "__init__.py").is_file():
        package = package.parent
    if not _belongs_to_nobody(package):
        return package, (package,)
    if package != common:  # a package that lies directly in a folder such as /tmp, which is not walked
        return package, (package / common.relative_to(package).parts[0],)
    folders = [path for path in resolved if path.is_dir()]
    if len(folders) > 1:
        raise NotUsable(f"the given paths have only {common} in common, which is no project: run once for each of them")
    return package, folders


def _belongs_to_nobody(folder: Path) -> bool:
    """Whether *folder* holds unrelated things (the root, a home, a temporary folder), so that it is no project."""
    if folder == folder.parent or os.fspath(folder) == os.path.expanduser("~"):  # noqa: PTH111  # Path.home() can fail
        return True
    return bool(folder.stat().st_mode & stat.S_ISVTX)


def _walk(folder: Path, root: Path, problems: list[Problem]) -> Iterator[str]:
    """Python files below *folder*, without those of virtual environments, tools and symbolic links."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        prefix = _prefix(here, root)
        try:
            with os.scandir(here) as found:
                entries = list(found)
        except OSError as error:
            problems.append(Problem(prefix, None, None, f"the folder cannot be listed ({error.strerror})"))
            continue
        if here != folder and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue
        for entry in entries:
            if entry.name.endswith(".py") and entry.is_file(follow_symlinks=False):
                yield prefix + entry.name
            elif entry.name not in SKIPPED and entry.is_dir(follow_symlinks=False):
                waiting.append(here / entry.name)
