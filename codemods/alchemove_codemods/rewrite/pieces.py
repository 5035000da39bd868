"""The statements of a file that edits touch: what is asked of a changed file need only be asked of them.

All else of the file is, byte for byte, what it was.
"""

from __future__ import annotations

import ast
from bisect import bisect_right

from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.source import Source
from alchemove_codemods.syntax import parse


def touched(edits: Edits) -> list[tuple[int, int]]:
    """The ranges of the text, in order and apart from each other, that hold all *edits*.

    A range is that of the smallest statement around an edit that has its lines for itself, or of the lines of an edit
    that stands in none.
    """
    source = edits.source
    found: list[tuple[int, int]] = []
    for start, end in sorted(edits.spans):
        first, last = _around(source, start, end)
        while found and first < found[-1][1]:
            before = found.pop()
            first, last = min(first, before[0]), max(last, before[1])
        found.append((first, last))
    return found


def check(edits: Edits, text: str) -> None:
    """Make sure that *text*, which *edits* have made, is valid Python.

    Raises:
        SyntaxError: it is not.
    """
    # Where a piece does not stand for itself, only the whole file says whether there is an error, and where.
    if not all(_stands(edits, start, end) for start, end in touched(edits)):
        parse(text)


def _stands(edits: Edits, start: int, end: int) -> bool:
    """Whether what becomes of a piece consists of whole statements as deep as it was: it may stand where it stood."""
    indent = edits.source.indent_at(start)
    piece = edits.changed(start, end)
    try:
        tree = parse(f"if 1:\n{piece}" if indent else piece)
    except SyntaxError:
        return False
    match tree.body:
        case [ast.If(body=block, orelse=[])] if indent:
            return piece.startswith(indent) and all(node.col_offset == len(indent) for node in block)
    return not indent


def _around(source: Source, start: int, end: int) -> tuple[int, int]:
    """The lines of the smallest statement that holds the text from *start* to *end* and has its lines for itself."""
    found = None
    blocks: list[list[ast.stmt]] = [source.tree.body]
    while (inner := _holding(source, blocks, start, end)) is not None:
        body, at = inner
        if not _is_alone(source, body, at):
            return found or (0, len(source.text))
        found = _lines(source, body[at])
        blocks = [
            *(getattr(body[at], name, []) for name in ("body", "orelse", "finalbody")),
            *(part.body for name in ("handlers", "cases") for part in getattr(body[at], name, [])),
        ]
    if found is not None:
        return found
    if any(first < end and start < last for first, last in (_lines(source, node) for node in source.tree.body)):
        return 0, len(source.text)
    return source.starts[source.line_of(start) - 1], _line_start(source, source.line_of(end) + 1)


def _holding(source: Source, blocks: list[list[ast.stmt]], start: int, end: int) -> tuple[list[ast.stmt], int] | None:
    """The block, and the place in it, of the statement whose lines hold the text from *start* to *end*."""
    line = source.line_of(start)
    for body in blocks:
        after = bisect_right(body, line, key=lambda node: node.lineno)
        # The decorators of a function stand above its own line.
        for at in range(max(after - 1, 0), min(after + 1, len(body))):
            first, last = _lines(source, body[at])
            if first <= start < last and end <= last:
                return body, at
    return None


def _is_alone(source: Source, body: list[ast.stmt], at: int) -> bool:
    """Whether nothing else of the program stands on the lines of a statement."""
    node, start = body[at], source.start(body[at])
    if source.text[source.starts[node.lineno - 1] : start].strip() or source.text.startswith("elif", start):
        return False
    shared = at > 0 and body[at - 1].end_lineno == node.lineno
    return not shared and not (at + 1 < len(body) and body[at + 1].lineno == node.end_lineno)


def _lines(source: Source, node: ast.stmt) -> tuple[int, int]:
    """Where the lines of *node* start and end."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    return source.starts[first - 1], _line_start(source, (node.end_lineno or first) + 1)


def _line_start(source: Source, line: int) -> int:
    return source.starts[line - 1] if line <= len(source.starts) else len(source.text)
