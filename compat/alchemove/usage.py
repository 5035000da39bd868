"""``alchemove usage``: who still uses the shim, from the folder that the processes write (``ALCHEMOVE_LEDGER``)."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from alchemove.frames import relative
from alchemove.ledger import VARIABLE, read

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Usage:
    """One line that used one legacy name: how often, in how many processes, and when (seconds since 1970)."""

    name: str
    file: str
    line: int
    count: int
    processes: int
    first: float
    last: float


def summarise(contents: Sequence[dict[str, Any]], since: float | None = None) -> list[Usage]:
    """The uses of all processes, one entry for each name and line, in their order; only those seen after *since*."""
    merged: dict[tuple[str, str, int], Usage] = {}
    for content in contents:
        for use in content["uses"]:
            if since is not None and use["last"] < since:
                continue
            key = (use["name"], relative(use["file"]), use["line"])
            seen = merged.get(key)
            merged[key] = Usage(
                *key,
                count=use["count"] + (seen.count if seen else 0),
                processes=1 + (seen.processes if seen else 0),
                first=min(use["first"], seen.first) if seen else use["first"],
                last=max(use["last"], seen.last) if seen else use["last"],
            )
    return [merged[key] for key in sorted(merged)]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Exit status: 0 done, 1 ``--fail-on-use`` found a use, 2 a folder or file cannot be read."""
    arguments = _parser().parse_args(argv)
    folder = arguments.folder or os.environ.get(VARIABLE)
    if not folder:
        return _error(f"No folder given. Name the folder that the application's {VARIABLE} names.")
    if not Path(folder).is_dir():
        return _error(
            f"{folder} is no folder. The application writes it when {VARIABLE} names it and a legacy name is used; "
            "if nothing uses one any more, create it empty."
        )
    contents, problems = read(Path(folder))
    uses = summarise(contents, arguments.since)
    if arguments.format == "json":
        document = {"version": 1, "uses": [asdict(use) for use in uses], "problems": problems}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        sys.stdout.write(_text(uses, len(contents)))
    for problem in problems:
        _error(problem)
    if problems:
        return 2
    return 1 if arguments.fail_on_use and uses else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="alchemove usage", description="Shows who still uses the shim.")
    parser.add_argument("folder", nargs="?", help=f"the folder that {VARIABLE} names (default: its value)")
    parser.add_argument("--fail-on-use", action="store_true", help="exit with status 1 if there is any use")
    parser.add_argument(
        "--since",
        type=_since,
        metavar="TIME",
        help="only uses since then: a date (2026-01-31) or an age (90m, 12h, 7d, 2w)",
    )
    parser.add_argument("--format", choices=["text", "json"], default="text")
    return parser


def _since(text: str) -> float:
    if age := re.fullmatch(r"(\d+)([mhdw])", text):
        return (datetime.now(timezone.utc) - timedelta(**{_UNITS[age[2]]: int(age[1])})).timestamp()
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a date (2026-01-31) nor an age (7d)") from None


def _text(uses: Sequence[Usage], processes: int) -> str:
    if not uses:
        return f"No use of a legacy name, in {processes} processes.\n"
    lines: list[str] = []
    totals: dict[str, int] = {}
    for use in uses:
        totals[use.name] = totals.get(use.name, 0) + use.count
    width = max(len(f"{use.file}:{use.line}") for use in uses)
    digits = max(len(f"{use.count:,}") for use in uses)
    for name in sorted(totals, key=lambda each: (-totals[each], each)):
        lines.append(f"{name}  {totals[name]:,}")
        for use in sorted((each for each in uses if each.name == name), key=lambda each: -each.count):
            last = datetime.fromtimestamp(use.last).astimezone().strftime("%Y-%m-%d %H:%M")
            lines.append(f"    {f'{use.file}:{use.line}':<{width}}  {use.count:>{digits},}  last {last}")
    lines.append(
        f"{len(totals)} legacy names, {len(uses)} lines, {sum(totals.values()):,} uses, "
        f"counted by {processes} processes"
    )
    return "\n".join(lines) + "\n"


def _error(text: str) -> int:
    sys.stderr.write(f"alchemove usage: {text}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
