"""Parentheses that are only there so that an expression can have several lines: the brackets of a call take their place.

users = (                              users = session.scalars(
    session.query(User)                    select(User)
    .filter(User.age > 18)       ->        .where(User.age > 18)
    .all()                             ).all()
)
"""

from __future__ import annotations

import ast

from alchemove_codemods.source import PROTECTED, Source
from alchemove_codemods.syntax import parse


def around(source: Source, node: ast.expr) -> tuple[int, int] | None:
    """Where the parentheses begin and end that hold *node*, on several lines, and nothing else, as the value of a statement.

    None where there are none, or where they hold comments besides.
    """
    match source.parents.get(node):
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Return() | ast.Expr() as statement:
            pass
        case ast.For() | ast.If() | ast.While() as statement:
            pass
        case _:
            return None
    if node.lineno == node.end_lineno or node in getattr(statement, "targets", ()):
        return None
    before = source.text[: source.start(node)].rstrip()
    after = source.text[source.end(node) :]
    if not before.endswith("(") or not after.lstrip().startswith(")"):
        return None
    start, end = len(before) - 1, len(source.text) - len(after.lstrip()) + 1
    # ``return(...)`` would become one word.
    return None if before[:-1][-1:].isalnum() else (start, end)


def end_with_parentheses(source: Source, node: ast.expr, start: int) -> int:
    """Where *node* ends, and the parentheses around it that begin behind the offset *start*: ``db=(Depends(get_db))``."""
    end = source.end(node)
    for _ in range(source.text.count("(", start, source.start(node))):
        end = source.text.index(")", end) + 1
    return end


def stands_alone(text: str) -> bool:
    """Whether *text* is an expression without parentheses around it, and one that binds as closely as they do."""
    try:
        module = parse(text.replace(PROTECTED, "\n"))
    except SyntaxError:
        return False
    match module.body:
        case [ast.Expr(value=ast.Call() | ast.Attribute() | ast.Subscript())]:
            return True
    return False
