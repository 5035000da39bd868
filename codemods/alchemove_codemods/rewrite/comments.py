"""Comments that a rewritten expression has no place for: they move above the statement they stood in."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from alchemove_codemods.newer import readable
from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.rewrite.pieces import touched
from alchemove_codemods.source import Source


def lost_comments(edits: Edits) -> list[tuple[int, str]]:
    """The comments that *edits* take out of the text and put nowhere.

    Each comes with the offset of the line above which it belongs: the first line of its statement.
    """
    source = edits.source
    spans = [(start, end) for start, end in edits.spans if "#" in source.text[start:end]]
    if not _outside_of_strings(source, spans):
        return []
    before: list[tuple[int, str]] = []
    missing: Counter[str] = Counter()
    for start, end in touched(edits):
        held = [(start + at, comment) for at, comment in _comments(source.text[start:end])]
        before += held
        missing.update(comment for _, comment in held)
        missing.subtract(comment for _, comment in _comments(edits.changed(start, end)))
    found = []
    for at, comment in before:
        if missing[comment] > 0 and any(start <= at < end for start, end in spans):
            missing[comment] -= 1
            found.append((source.starts[_first_line(source.tree, source.line_of(at)) - 1], comment))
    return found


def _outside_of_strings(source: Source, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a ``#`` in *spans* stands outside of every string; the tree tells at less cost than the tokens of the file."""
    places = [at for start, end in spans for at in _hashes(source.text, start, end)]
    if not places:
        return False
    strings = [
        (source.start(node), source.end(node))
        for node in (*source.of_kind(ast.Constant), *source.of_kind(ast.JoinedStr))
        # Between the parts of a string on several lines there may be comments.
        if node.lineno == node.end_lineno
    ]
    return not all(any(start <= at < end for start, end in strings) for at in places)


def _hashes(text: str, start: int, end: int) -> Iterator[int]:
    at = text.find("#", start, end)
    while at >= 0:
        yield at
        at = text.find("#", at + 1, end)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """The comments in *text*, with their offsets."""
    if "#" not in text:
        return
    # A statement may end in a backslash, before an empty line.
    lines = io.StringIO(readable(text) + "\n", newline="").readlines()
    starts = [0, *accumulate(map(len, lines))]
    for token in tokenize.generate_tokens(iter(lines).__next__):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            yield starts[line - 1] + column, token.string.rstrip()


def _first_line(tree: ast.Module, line: int) -> int:
    """The line on which the innermost statement around *line* begins, decorators included."""
    first = 1
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            if first <= start <= line <= (node.end_lineno or 0):
                first = start
    return first
