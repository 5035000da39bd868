"""Comments that a rewritten expression has no place for: they move above the statement they stood in."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterable

from alchemove_codemods.source import Source


def lost_comments(source: Source, spans: Iterable[tuple[int, int]], text: str) -> list[tuple[int, str]]:
    """The comments inside *spans* of *source* that *text*, which is to take its place, lacks.

    Each comes with the offset of the line above which it belongs: the first line of its statement.
    """
    touched = [(start, end) for start, end in spans if "#" in source.text[start:end]]
    if not touched:
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
