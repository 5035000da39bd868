"""Unified diffs of bytes, which ``git apply`` and ``patch -p1`` take as they are."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from alchemove_codemods.report.spans import Line, line

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_LONG = 3000
_STYLES = {b"+": "green", b"-": "red", b"@": "cyan"}


def unified(path: str, old: bytes | None, new: bytes, context: int = 3) -> Iterator[bytes]:
    """The lines of a unified diff from *old* (None: there is no file yet) to *new*, each with its line end.

    Lines end at a line feed only, so that form feeds and the carriage returns of CRLF files are content; a last line
    without one is marked as git does.
    """
    name = path.encode("utf-8", "surrogateescape")
    end = b"\t\n" if b" " in name else b"\n"  # as git does, so that patch finds where the name ends
    yield b"--- /dev/null\n" if old is None else b"--- a/" + name + end
    yield b"+++ b/" + name + end
    before, after = _LINE.findall(old or b""), _LINE.findall(new)
    # Exact matching is quadratic in the lines that repeat, such as blank ones: too slow for generated modules.
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) > _LONG)
    for group in matcher.get_grouped_opcodes(context):
        yield b"@@ -%b +%b @@\n" % (_range(group[0][1], group[-1][2]), _range(group[0][3], group[-1][4]))
        for tag, first, last, first_new, last_new in group:
            if tag == "equal":
                yield from _marked(b" ", before[first:last])
                continue
            yield from _marked(b"-", before[first:last])
            yield from _marked(b"+", after[first_new:last_new])


def styled(lines: Iterator[bytes]) -> Iterator[Line]:
    """The same for a terminal: coloured, and with what is no UTF-8 shown as replacement characters."""
    for each in lines:
        style = "bold" if each.startswith((b"--- ", b"+++ ")) else _STYLES.get(each[:1], "")
        yield line((each.rstrip(b"\r\n").decode("utf-8", "replace"), style))


def _range(first: int, last: int) -> bytes:
    match last - first:
        case 1:
            return b"%d" % (first + 1)
        case 0:
            return b"%d,0" % first
        case length:
            return b"%d,%d" % (first + 1, length)


def _marked(mark: bytes, lines: list[bytes]) -> Iterator[bytes]:
    for each in lines:
        yield mark + each if each.endswith(b"\n") else mark + each + b"\n\\ No newline at end of file\n"
