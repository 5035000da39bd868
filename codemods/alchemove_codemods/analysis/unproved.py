"""Legacy sites that cannot be proved to be any: what looks like the query of a model, on something that is not known."""

from __future__ import annotations

import ast
from functools import lru_cache

from alchemove_codemods.analysis import removed
from alchemove_codemods.analysis.arguments import Argument
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.analysis.names import QUERY_METHODS
from alchemove_codemods.analysis.replaced import CALLED_LIKE_ONE
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.source import Source
from alchemove_codemods.trees import walk
from alchemove_codemods.values import BOTTOM, SOME_CLASS, UNKNOWN, Bottom, Class, External, Sql, Unknown, Value

_OF_COLUMNS = frozenset({"distinct", "label", "params", "correlate"})
"""Methods of queries that columns have, too."""

_OF_QUERIES_ONLY = frozenset(
    {"filter_by", "one_or_none", "with_entities", "outerjoin", "get_or_404", "first_or_404", "one_or_404"}
)
"""Methods that nothing but a query has."""


def suspicious(frame: Frame, node: ast.Call, function: ast.Attribute, base: Value) -> None:
    """Report ``Unresolved.query.filter(...)``: a legacy site of a model that could not be found."""
    inner = function.value
    removed.suspicious(frame, node, function, base)
    if function.attr not in QUERY_METHODS or not _may_be_query_of_unknown(function, base):
        return
    if isinstance(inner, ast.Name) and frame.owner_of(inner.id) is frame.function:
        inner = _first_query(frame.function, inner.id) or inner
    if (kept := _kept_method(frame, inner)) is not None:
        frame.suspect(kept, "session-query", "query-reference")
    if (
        isinstance(inner, ast.Attribute)
        and inner.attr == "query"
        and _is_like_a_class(frame.function, node, function.attr, inner.value)
    ):
        frame.suspect(inner, "model-query", "model-not-proved")


def _is_like_a_class(function: FunctionFacts, call: ast.Call, method: str, owner: ast.expr) -> bool:
    """Whether *owner* may stand for a class whose query has the *method* that is called: by its name, or by what it is asked."""
    name = last_name(owner) or ""
    if name[:1].isupper() or name.endswith(("cls", "model", "Model", "class_")):
        return True
    if not isinstance(owner, ast.Name) or name in ("self", "request"):
        return False
    if _is_a_subclass(function, name):
        return True
    given = [*call.args, *(k.value for k in call.keywords)]
    return method in _OF_QUERIES_ONLY or any(_is_attribute_of(n, name) for argument in given for n in walk(argument))


def _is_a_subclass(function: FunctionFacts, name: str) -> bool:
    """Whether a loop of *function* takes the variable *name* out of ``X.__subclasses__()``."""
    if b"__subclasses__" not in function.module.source.raw:
        return False
    loops = (n for n in walk(function.node) if isinstance(n, (ast.For, ast.comprehension)))
    return any(
        isinstance(loop.target, ast.Name)
        and loop.target.id == name
        and any(isinstance(n, ast.Attribute) and n.attr == "__subclasses__" for n in walk(loop.iter))
        for loop in loops
    )


def _is_attribute_of(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name


def bound(frame: Frame, arguments: list[Argument]) -> None:
    """Report ``partial(x.query, User)``, whatever *x* is."""
    match arguments:
        case [
            Argument(node=ast.Attribute(attr="query") as method, value=Unknown() | Bottom()),
            Argument(node=first),
            *_,
        ]:
            owner = first.value if isinstance(first, ast.Attribute) else first
            if (last_name(owner) or "")[:1].isupper():
                frame.suspect(method, "session-query", "query-reference")


def by_name(frame: Frame, node: ast.Call, callee: External) -> None:
    """Report ``methodcaller("query", User)`` and ``attrgetter("query")(session)``."""
    match callee.last, node.args:
        case "methodcaller", [ast.Constant(value="query"), first, *_]:
            owner = first.value if isinstance(first, ast.Attribute) else first
            if (last_name(owner) or "")[:1].isupper():
                frame.suspect(node, "session-query", "query-reference")
        case "attrgetter", [ast.Constant(value="query")]:
            outer = frame.module.source.parents.get(node)
            given = outer.args if isinstance(outer, ast.Call) and outer.func is node else ()
            if any(CALLED_LIKE_ONE.search(last_name(argument) or "") for argument in given):
                frame.suspect(node, "session-query", "query-reference")


def _kept_method(frame: Frame, made: ast.expr) -> ast.expr | None:
    """The ``x.query`` that a variable keeps which *made* calls with something named like a class, or one of its attributes."""
    match made:
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if frame.owner_of(name) is frame.function:
            owner = first.value if isinstance(first, ast.Attribute) else first
            return _first_query(frame.function, name) if (last_name(owner) or "")[:1].isupper() else None
    return None


def _may_be_query_of_unknown(function: ast.Attribute, base: Value) -> bool:
    """Whether *base*, which *function* is a method of, may be the query of a class that is not known, rather than a column ``query``."""
    match base:
        case Sql(kind="column", name="query", owners=owners):
            return function.attr not in _OF_COLUMNS and all(o == SOME_CLASS for o in owners)
    return isinstance(base, (type(UNKNOWN), type(BOTTOM), External, Class))


def _first_query(function: FunctionFacts, name: str) -> ast.expr | None:
    """The ``model.query`` that the variable *name* of *function* is assigned."""
    kept = _kept_queries(function.module.source).get(name, ())
    inside = set(walk(function.node)) if kept else set()
    return next((value for value in kept if value in inside), None)


@lru_cache(maxsize=1 << 12)
def _kept_queries(source: Source) -> dict[str, list[ast.Attribute]]:
    """The ``model.query`` that variables anywhere in *source* are assigned, by their names."""
    found: dict[str, list[ast.Attribute]] = {}
    for node in source.of_kind(ast.Assign):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute(attr="query") as value):
                found.setdefault(name, []).append(value)
    return found
