"""The command line: what a command does, printing and the exit status. Nothing else in the tool prints.

Start-up time is part of what a user waits for, so this is argparse (0.01 s; typer takes 0.1 s, and 0.35 s where
pydantic is installed) and rich is imported only where there is a terminal to draw on.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from alchemove_codemods import explain, files, git, ratchet, runs
from alchemove_codemods.arguments import parser
from alchemove_codemods.config import WrongConfig
from alchemove_codemods.findings import Outcome
from alchemove_codemods.project import NotUsable
from alchemove_codemods.report import diff, github, text
from alchemove_codemods.report import json as json_report
from alchemove_codemods.report.spans import Line
from alchemove_codemods.runs import Engine, Request, Run
from alchemove_codemods.screen import Screen, progress

DONE, FOUND_WORK, UNUSABLE = 0, 1, 2
"""Exit statuses: done; ``--check`` or ``--ratchet`` found something; unusable arguments, or a file with a problem."""


class _Bug(Exception):
    """The run failed, before anything was written, for a reason that nobody foresaw; the cause tells."""


def main(arguments: Sequence[str] | None = None, *, run: Engine | None = None) -> int:
    """Run the tool.

    Args:
        arguments: those of the command line, without the program's name; default ``sys.argv[1:]``.
        run: the engine; default :func:`alchemove_codemods.engine.run`.

    Returns:
        The exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        _accept_any_name(stream)
    parsed = parser().parse_args(arguments)
    # A terminated run leaves the same order behind as an interrupted one.
    before = _on_terminate(signal.default_int_handler)
    try:
        status = _COMMANDS[parsed.command](parsed, run)
        sys.stdout.flush()
    except (NotUsable, WrongConfig, git.GitFailed, explain.NotKnown, ratchet.WrongRecord) as error:
        return _fail(str(error))
    except files.WriteFailed as error:
        return _fail(_unwritten(error))
    except _Bug as bug:
        traceback.print_exception(bug.__cause__)
        return _fail("this is a bug in alchemove; no file was changed. Please report it with the lines above.")
    except KeyboardInterrupt as interruption:
        _fail("; ".join(("interrupted", *map(str, interruption.args))))
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:
        return _fail(str(error))
    else:
        return status
    finally:
        _on_terminate(before)


# -- commands ---------------------------------------------------------------------------------------------------------


def _rewrite(arguments: argparse.Namespace, engine_run: Engine | None) -> int:
    run = _perform(arguments, engine_run)
    preview = bool(arguments.diff or arguments.check)
    if not preview:
        _write(run, allow_dirty=arguments.allow_dirty)
    if arguments.diff and arguments.format == "text":
        _diff(run)
    wording = text.WOULD if preview else text.DONE
    _report(
        run,
        arguments.format,
        json_report.rewrite,
        lambda outcome: text.rewrite(outcome, wording, run.explanations),
        pending=preview,
    )
    return _status(run, FOUND_WORK if arguments.check and run.outcome.changed else DONE)


def _init(arguments: argparse.Namespace, _: Engine | None) -> int:
    from alchemove_codemods.init import command

    try:
        with progress() as say:
            run, stuck = command.perform(_request(arguments), arguments.to, say)
    except (NotUsable, WrongConfig, KeyboardInterrupt):
        raise
    except Exception as error:
        raise _Bug from error
    preview = bool(arguments.diff or arguments.check)
    # Nothing is written without being shown.
    if arguments.format == "text":
        _diff(run)
    if not preview:
        _write(run, allow_dirty=arguments.allow_dirty)
    wording = text.WOULD_BE_WRITTEN if preview else text.WRITTEN
    _report(
        run,
        arguments.format,
        json_report.rewrite,
        lambda outcome: text.rewrite(outcome, wording, run.explanations),
        pending=preview,
    )
    status = FOUND_WORK if arguments.check and run.outcome.changed else DONE
    return _status(run, UNUSABLE if stuck else status)


def _scan(arguments: argparse.Namespace, engine_run: Engine | None) -> int:
    run = _perform(arguments, engine_run, inventory=True)
    _report(run, arguments.format, json_report.scan, lambda outcome: text.scan(outcome, run.explanations))
    return _status(run, _turn(run, arguments.ratchet) if arguments.ratchet is not None else DONE)


def _explain(arguments: argparse.Namespace, _: Engine | None) -> int:
    name = None if arguments.list else arguments.name
    Screen.of_stdout().markdown(explain.index() if name is None else explain.manual(name))
    return DONE


_COMMANDS = {"scan": _scan, "rewrite": _rewrite, "init": _init, "explain": _explain}


# -- what the commands have in common ---------------------------------------------------------------------------------


def _perform(arguments: argparse.Namespace, engine_run: Engine | None, *, inventory: bool = False) -> Run:
    request = _request(arguments, inventory=inventory)
    try:
        with progress() as say:
            return runs.perform(request, engine_run, say)
    except (NotUsable, WrongConfig):
        raise
    except KeyboardInterrupt:
        raise KeyboardInterrupt("no file was changed") from None
    except Exception as error:
        raise _Bug from error


def _request(arguments: argparse.Namespace, *, inventory: bool = False) -> Request:
    return Request(
        stage=arguments.stage,
        paths=tuple(arguments.paths),
        include=tuple(arguments.include),
        exclude=tuple(arguments.exclude),
        strict=arguments.strict,
        cached=not arguments.no_cache,
        config=arguments.config,
        lazy_loads=getattr(arguments, "lazy_loads", None),
        inventory=inventory,
    )


def _write(run: Run, *, allow_dirty: bool) -> None:
    root = run.project.root
    if not run.outcome.changed:
        return
    if not allow_dirty:
        try:
            dirty = git.uncommitted(root / name for name in run.outcome.changed if name in run.sources)
        except git.GitFailed as error:
            raise NotUsable(
                f"{error}\nso uncommitted changes cannot be told; use --allow-dirty if that is fine"
            ) from error
        if dirty:
            listed = "".join(f"\n  {_shown(path)}" for path in dirty)
            raise NotUsable(
                f"these files have uncommitted changes, and rewriting would mix with them:{listed}\n"
                "No file was changed. Commit or stash them, or use --allow-dirty."
            )
    files.write(root, run.sources, run.outcome.changed)


def _status(run: Run, otherwise: int) -> int:
    for note in run.notes:
        _say(f"note: {note}")
    for problem in run.outcome.problems:
        place = ":".join(str(part) for part in (problem.line, problem.column) if part is not None)
        where = _shown(run.project.root / problem.path) + (f":{place}" if place else "")
        _say(f"error: {where}: {problem.message}")
    return UNUSABLE if run.outcome.problems else otherwise


def _turn(run: Run, file: Path) -> int:
    folder = file.parent.resolve()
    outcome = _relative_to(run, folder)
    recorded = ratchet.load(file)
    scope = {_relative(run.project.root / name, folder) for name in run.targets}
    scope |= {path for path in recorded or () if not (folder / path).exists()}
    turn = ratchet.turn(recorded, outcome, scope)
    if recorded is None or turn.fallen:
        ratchet.save(file, turn.counts)
    total = sum(turn.counts.values())
    if recorded is None:
        _say(f"{file}: recorded {total} legacy sites in {len(turn.counts)} files")
    for path, (old, new) in turn.fallen.items():
        _say(f"{path}: {new} legacy sites, {old - new} fewer than before; recorded in {file}")
    for path, (old, new) in turn.risen.items():
        _say(f"error: {path}: {new} legacy sites, {new - old} more than recorded in {file}")
    if turn.risen:
        _say(f"Write new code with select(); if files were moved, delete {file} and scan again.")
    return FOUND_WORK if turn.risen else DONE


def _report(
    run: Run,
    form: str,
    document: Callable[[Outcome], str],
    lines: Callable[[Outcome], Iterable[Line]],
    *,
    pending: bool = False,
) -> None:
    """Print the report in the asked form; *document* makes the JSON, *lines* the text."""
    screen = Screen.of_stdout()
    match form:
        case "json":
            screen.text(document(_relative_to(run, run.project.base)))
        case "sarif":
            from alchemove_codemods.report import sarif

            screen.text(sarif.log(run.outcome, successful=True))
        case "github":
            screen.text("".join(f"{each}\n" for each in github.commands(run.outcome, pending=pending)))
        case "html":
            screen.text(_html(lines(_displayed(run))))
        case _:
            screen.lines(lines(_displayed(run)))


def _diff(run: Run) -> None:
    screen = Screen.of_stdout()
    for name in sorted(run.outcome.changed):
        shown = _shown(run.project.root / name)
        path = name if Path(shown).is_absolute() else shown
        lines = diff.unified(path, run.sources.get(name), run.outcome.changed[name])
        if screen.console is None:
            screen.raw(b"".join(lines))
        else:
            screen.lines(diff.styled(lines))
    if run.outcome.changed:
        screen.lines([()])


def _html(lines: Iterable[Line]) -> str:
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, file=io.StringIO(), width=160)
    for each in lines:
        console.print(Text.assemble(*each), soft_wrap=True)
    return console.export_html()


def _displayed(run: Run) -> Outcome:
    root = run.project.root
    return _renamed(run, lambda name: _shown(root / name))


def _relative_to(run: Run, folder: Path) -> Outcome:
    return _renamed(run, lambda name: _relative(run.project.root / name, folder))


def _renamed(run: Run, name: Callable[[str], str]) -> Outcome:
    outcome = run.outcome
    paths = {each.path for each in outcome.findings} | {each.path for each in outcome.problems}
    names = {path: name(path) for path in paths}
    return replace(
        outcome,
        findings=[replace(each, path=names[each.path]) for each in outcome.findings],
        problems=[replace(each, path=names[each.path]) for each in outcome.problems],
        inventory={kind: [_placed(each, name) for each in members] for kind, members in outcome.inventory.items()},
    )


def _placed(entry: str, name: Callable[[str], str]) -> str:
    """An entry of the inventory, which may begin with a place (``path:line ``), with its path renamed."""
    path, colon, rest = entry.partition(".py:")
    return f"{name(path + '.py')}:{rest}" if colon else entry


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()


def _shown(path: Path) -> str:
    """*path* as a user in the working folder would write it."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else os.fspath(path)


def _unwritten(error: files.WriteFailed) -> str:
    by_reason: dict[str, list[str]] = {}
    for name, reason in error.reasons.items():
        by_reason.setdefault(reason, []).append(name)
    parts = [f"{', '.join(names)}: {reason}" for reason, names in by_reason.items()] or ["interrupted"]
    if error.written:
        parts.append(f"Rewritten: {', '.join(error.written)}. Unchanged: {', '.join(error.unwritten)}.")
    else:
        parts.append(f"No file was changed; {len(error.unwritten)} would have been.")
    return "\n".join(parts)


def _say(message: str) -> None:
    sys.stdout.flush()
    print(message, file=sys.stderr)


def _fail(message: str) -> int:
    _say(f"alchemove: error: {message}")
    return UNUSABLE


def _accept_any_name(stream: Any) -> None:
    # File names are bytes; those that are no text have to come out as they are.
    if hasattr(stream, "reconfigure"):
        utf8 = (stream.encoding or "").lower().replace("-", "") == "utf8"
        stream.reconfigure(errors="surrogateescape" if utf8 else "backslashreplace")


def _on_terminate(handler: Any) -> Any:
    try:
        return signal.signal(signal.SIGTERM, handler)
    except ValueError:  # not the main thread
        return None
