"""Comments that a rewritten expression has no place for: they move above the statement they stood in."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from alchemove_codemods.source import Source


def lost_comments(source: Source, spans: Iterable[tuple[int, int]], text: str) -> list[tuple[int, str]]:
    """The comments inside *spans* of *source* that *text*, which is to take its place, lacks.

    Each comes with the offset of the line above which it belongs: the first line of its statement.
    """
    touched = [(start, end) for start, end in spans if "#" in source.text[start:end]]
    if not _outside_of_strings(source, touched):
        return []
    before = _comments(source.text)
    missing = Counter(comment for *_, comment in before) - Counter(comment for *_, comment in _comments(text))
    found = []
    for line, column, comment in before:
        at = source.starts[line - 1] + column
        if missing[comment] and any(start <= at < end for start, end in touched):
            missing[comment] -= 1
            found.append((source.starts[_first_line(source.tree, line) - 1], comment))
    return found


def _outside_of_strings(source: Source, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a ``#`` in *spans* stands outside of every string; the tree tells at less cost than the tokens of the file."""
    places = [at for start, end in spans for at in _hashes(source.text, start, end)]
    if not places:
        return False
    strings = [
        (source.start(node), source.end(node))
        for node in source.nodes
        # Between the parts of a string on several lines there may be comments.
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and node.lineno == node.end_lineno
    ]
    return not all(any(start <= at < end for start, end in strings) for at in places)


def _hashes(text: str, start: int, end: int) -> Iterator[int]:
    at = text.find("#", start, end)
    while at >= 0:
        yield at
        at = text.find("#", at + 1, end)


def _comments(text: str) -> list[tuple[int, int, str]]:
    tokens = tokenize.generate_tokens(io.StringIO(text, newline="").readline)
    return [(*token.start, token.string.rstrip()) for token in tokens if token.type == tokenize.COMMENT]


def _first_line(tree: ast.Module, line: int) -> int:
    """The line on which the innermost statement around *line* begins, decorators included."""
    first = 1
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            if first <= start <= line <= (node.end_lineno or 0):
                first = start
    return first
