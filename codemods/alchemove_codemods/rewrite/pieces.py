"""The statements of a module that edits touch: what is asked of a changed file need only be asked of them.

All else of the file is, byte for byte, what it was.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator

from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.source import Source


def touched(edits: Edits) -> list[tuple[int, int]]:
    """The ranges of the text, in order and apart from each other, that hold all *edits*.

    A range is that of one or several statements of the module level with the whole of their lines, or of lines
    between statements.
    """
    source = edits.source
    blocks = list(_blocks(source))
    starts = [start for start, _ in blocks]
    found: list[tuple[int, int]] = []
    for start, end in sorted(edits.spans):
        first, last = _lines(source, start, end)
        at = bisect_right(starts, start) - 1
        while 0 <= at < len(blocks) and blocks[at][0] <= end:
            if start < blocks[at][1]:
                first, last = min(first, blocks[at][0]), max(last, blocks[at][1])
            at += 1
        if found and first < found[-1][1]:
            first, last = min(first, found[-1][0]), max(last, found.pop()[1])
        found.append((first, last))
    return found


def check(edits: Edits, text: str) -> None:
    """Make sure that *text*, which *edits* have made, is valid Python.

    Raises:
        SyntaxError: it is not.
    """
    try:
        for start, end in touched(edits):
            ast.parse(edits.changed(start, end))
    except SyntaxError:
        # Only the whole file says whether this is an error, and where.
        ast.parse(text)


def _blocks(source: Source) -> Iterator[tuple[int, int]]:
    """Where the lines of each statement of the module level start and end; those that share a line are one."""
    open_start, open_end = 0, 0
    for node in source.tree.body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        start, end = source.starts[first - 1], _line_start(source, (node.end_lineno or first) + 1)
        if start >= open_end:
            if open_end:
                yield open_start, open_end
            open_start = start
        open_end = max(end, open_end)
    if open_end:
        yield open_start, open_end


def _lines(source: Source, start: int, end: int) -> tuple[int, int]:
    """The range of the whole lines that hold the text from *start* to *end*."""
    return source.starts[source.line_of(start) - 1], _line_start(source, source.line_of(end) + 1)


def _line_start(source: Source, line: int) -> int:
    return source.starts[line - 1] if line <= len(source.starts) else len(source.text)
