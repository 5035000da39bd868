"""``alchemove init`` on the files of a project: what :mod:`alchemove_codemods.init.run` decides, as a run of the command line."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from alchemove_codemods import explain, files, runs
from alchemove_codemods.init.run import run
from alchemove_codemods.project import NotUsable
from alchemove_codemods.runs import Request, Run


def perform(request: Request, to: Path | None, progress: Callable[[str], None]) -> tuple[Run, bool]:
    """Find the program, read it and decide; nothing is written.

    Args:
        request: what the user asks for.
        to: where the session module shall go.
        progress: called with a short text as the run proceeds.

    Returns:
        The run, and whether it is stuck: nothing could be decided, and the user has to do something.

    Raises:
        NotUsable: a path or a pattern cannot be used.
        WrongConfig: the configuration cannot be used.
    """
    program, settings, targets = runs.locate(request, progress)
    progress(f"reading {len(program.files):,} files")
    sources, unreadable = files.read(program.root, program.files)
    options = settings.options("select", program.root, strict=False)
    named = [name for name in program.targets if any(_is(program.root / name, path) for path in request.paths)]
    wanted = None
    if to is not None:
        try:
            wanted = to.resolve().relative_to(program.root).as_posix()
        except ValueError:
            raise NotUsable(f"{to} is not in the project {program.root}") from None
        if to.suffix != ".py":
            raise NotUsable(f"{to} is no *.py file")
    progress("looking for the database module")
    found = run(sources, options["source_roots"], [each for each in targets if each in sources], named, wanted)
    outcome = replace(found.outcome, problems=sorted({*found.outcome.problems, *unreadable}))
    reasons = {finding.reason for finding in outcome.findings if finding.reason is not None}
    explanations = {reason: explain.reason(reason) for reason in sorted(reasons)}
    notes = (*program.notes, *found.notes)
    return Run(program, sources, targets, outcome, explanations, notes), found.stuck


def _is(file: Path, path: str) -> bool:
    return os.path.realpath(path) == os.fspath(file)
