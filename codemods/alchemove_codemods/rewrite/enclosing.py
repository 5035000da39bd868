"""Parentheses around a whole expression that it needs no more, since the call that has come around its lines has its own.

users = (session.query(User)              users = session.scalars(
         .filter(User.active)     ->          select(User)
         .all())                              .where(User.active)
                                          ).all()
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from alchemove_codemods.source import Source

_OPENING = re.compile(r"(?<!\w)\([ \t]*$")
_CLOSING = re.compile(r"\s*\)")


def without_parentheses(source: Source, top: ast.expr, render: Callable[[], str]) -> tuple[int, int, Callable[[], str]]:
    """The range to replace for *top*, which *render* renders, and what renders it: with the parentheses around it where they may go."""
    start, end = source.start(top), source.end(top)
    line = source.text[source.starts[top.lineno - 1] : start]
    opening, closing = _OPENING.search(line), _CLOSING.match(source.text, end)
    if opening is None or closing is None or not _is_whole(source, top) or "\n" not in source.text[start:end]:
        return start, end, render

    def rendered() -> str:
        text = render()
        if text.partition("\n")[0].rstrip().endswith("(") and _stands_alone(text):
            return text
        return f"{opening.group()}{text}{closing.group()}"

    return start - len(opening.group()), closing.end(), rendered


def _is_whole(source: Source, top: ast.expr) -> bool:
    """Whether *top* is all that a statement assigns, returns or goes through."""
    match source.parents.get(top):
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Return():
            return True
        case ast.For(iter=gone_through):
            return gone_through is top
    return False


def _stands_alone(text: str) -> bool:
    """Whether all of *text* belongs together without parentheses around it."""
    try:
        return len(ast.parse(f"_ = {text}").body) == 1
    except SyntaxError:
        return False
