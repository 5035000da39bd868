"""Whether a hybrid attribute is something of the ORM, so that a statement that selects nothing else autoflushes.

Its function tells: an expression of columns of the class is, `exists()` is not, and SQLAlchemy 1.4 leaves out scalar subqueries, too.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.declared import Attribute, dotted_parts
from alchemove_codemods.facts import last_name
from alchemove_codemods.trees import walk

_CORE = frozenset({"exists", "literal", "literal_column", "text", "null", "true", "false"})
_OF_COLUMNS = frozenset(
    {"case", "cast", "and_", "or_", "not_", "type_coerce", "extract", "distinct", "concat", "coalesce"}
)
_SUBQUERIES = _CORE | {"select", "query", "scalar_subquery", "as_scalar", "any", "has"}


def is_core(found: Attribute, name: str, *, subqueries: bool) -> bool:
    """Whether the hybrid attribute *name* is, or may be, nothing of the ORM; *subqueries* says that they are not, either."""
    functions = [f for f in found.owner.node.body if isinstance(f, ast.FunctionDef)]
    said = [f for f in functions if any(_expression_of(name, d) for d in f.decorator_list)]
    getters = [
        f for f in functions if f.name == name and any(last_name(d) == "hybrid_property" for d in f.decorator_list)
    ]
    for function in (said or getters)[-1:]:
        returned = _returned(function)
        return bool(returned) and (all(map(_made_of_core, returned)) or (subqueries and _may_be_subquery(function)))
    return False


def _expression_of(name: str, decorator: ast.expr) -> bool:
    parts = dotted_parts(decorator)
    return parts[-1:] == [name] and parts[0] == "expression"


def _returned(function: ast.FunctionDef) -> list[ast.expr]:
    return [s.value for s in walk(function) if isinstance(s, ast.Return) and s.value is not None]


def _made_of_core(value: ast.expr) -> bool:
    """Whether *value* is ``exists()`` or the like with nothing but its own methods called on it."""
    while True:
        match value:
            case ast.UnaryOp(operand=inner) | ast.Call(func=ast.Attribute(value=ast.Call() as inner)):
                value = inner
            case ast.Call(func=called):
                return last_name(called) in _CORE
            case _:
                return False


def _may_be_subquery(function: ast.FunctionDef) -> bool:
    """Whether *function* makes a subquery, or calls something that may."""
    own = function.args.args[0].arg if function.args.args else ""
    for call in walk(function):
        if not isinstance(call, ast.Call):
            continue
        match call.func:
            case ast.Attribute(value=ast.Name(id=name)) if name == own:
                return True
            case ast.Name(id=called) if called not in _OF_COLUMNS:
                return True
        if last_name(call.func) in _SUBQUERIES:
            return True
    return False
