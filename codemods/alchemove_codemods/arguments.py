"""The commands and their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from alchemove_codemods.stages import STAGES


def parser() -> argparse.ArgumentParser:
    """The parser of the command line; ``command`` of what it gives is the name of the command."""
    whole = argparse.ArgumentParser(
        prog="alchemove",
        description="Moves legacy SQLAlchemy code to 2.0, stage by stage, without changing what it does.",
        epilog="Exit status: 0 done; 1 --check or --ratchet found something; 2 unusable arguments, or a file that "
        "cannot be read, parsed or written (it is reported, the others are done).",
    )
    commands = whole.add_subparsers(metavar="COMMAND", required=True)

    scan = commands.add_parser("scan", help="what is legacy, what would be rewritten, what not and why")
    _add_common(scan, ("text", "json", "sarif", "github", "html"))
    scan.add_argument(
        "--ratchet",
        metavar="FILE",
        type=Path,
        help="keep the number of legacy sites of every file in FILE: fail when one rises, record it when it falls",
    )
    scan.add_argument("--stage", default="select", choices=list(STAGES), help="what to look for; default: %(default)s")
    _add_lazy_loads(scan)
    scan.set_defaults(command="scan")

    rewrite = commands.add_parser("rewrite", help="rewrite in place")
    _add_common(rewrite, ("text", "json", "sarif", "github"))
    rewrite.add_argument("--stage", required=True, choices=list(STAGES), help=_stages())
    _add_lazy_loads(rewrite)
    rewrite.add_argument("--diff", action="store_true", help="show what would change, and write nothing")
    rewrite.add_argument("--check", action="store_true", help="write nothing; exit status 1 if anything would change")
    rewrite.add_argument("--allow-dirty", action="store_true", help="also rewrite files with uncommitted changes")
    rewrite.set_defaults(command="rewrite")

    init = commands.add_parser(
        "init", help="write the session module, and turn the legacy database module into the shim"
    )
    _add_common(init, ("text", "json", "sarif", "github"))
    init.add_argument(
        "--to", metavar="FILE", type=Path, help="where the session module goes; default: db/session.py beside"
    )
    init.add_argument("--diff", action="store_true", help="show what would be written, and write nothing")
    init.add_argument("--check", action="store_true", help="write nothing; exit status 1 if anything would be written")
    init.add_argument("--allow-dirty", action="store_true", help="also change a module with uncommitted changes")
    init.set_defaults(command="init", stage="shim")

    manual = commands.add_parser("explain", help="the manual of a rule, or what a reason means")
    manual.add_argument("name", metavar="RULE|REASON", nargs="?")
    manual.add_argument("--list", action="store_true", help="all rules and their reasons")
    manual.set_defaults(command="explain")
    for name, summary in (
        ("verify", "compare two SQL recordings made by the pytest plugin"),
        ("usage", "who still uses the shim"),
    ):
        commands.add_parser(name, help=summary, add_help=False)  # run by the runtime half, before this is asked
    return whole


def _add_common(parser: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", help="folders or Python files; default: that of the project"
    )
    parser.add_argument("--format", choices=formats, default="text")
    parser.add_argument("--include", metavar="PATTERN", action="append", default=[], help="only files that match")
    parser.add_argument(
        "--exclude", metavar="PATTERN", action="append", default=[], help="no files that match (as in .gitignore)"
    )
    parser.add_argument("--strict", action="store_true", help="accept only annotations and constructors as sessions")
    parser.add_argument("--config", metavar="FILE", help="a pyproject.toml; default: the nearest one at or above PATH")
    parser.add_argument("--no-cache", action="store_true", help="neither use nor keep a cached result")


def _add_lazy_loads(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lazy-loads",
        metavar="FILE",
        help="with --stage async: a recording by pytest --record-lazy-loads, whose statements load eagerly what was read",
    )


def _stages() -> str:
    return "; ".join(f"{stage.name}: {stage.summary}" for stage in STAGES.values())
