"""Values that are objects which are loaded: nothing in them asks the session later, as queries, results and generators do."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.transactions.reach import Reach, receiver_method
from alchemove_codemods.analysis.transactions.vocabulary import LIST_ENDINGS, ONE_OBJECT
from alchemove_codemods.values import Instance, Plain, Row, Value, parts

_OBJECT_ENDINGS = LIST_ENDINGS | ONE_OBJECT | {"merge"}

_EAGER = frozenset({"list", "dict", "set", "tuple", "sorted"})


def only_objects(node: ast.expr, reach: Reach, asked: frozenset[str] = frozenset()) -> bool:
    """Whether *node* is such objects, or has nothing to do with the session."""
    if not reach.level(node):
        return True
    if _is_in_place(node, reach):
        return True
    match node:
        case ast.GeneratorExp():
            return False
        case ast.Name(id=name) if name in reach.bound:
            # ``rows = {"rows": rows}``: what is being asked about may hold itself.
            return name in asked or all(b is node or only_objects(b, reach, asked | {name}) for b in reach.bound[name])
        case ast.Name(id=name) if name in reach.handed and name not in reach.filled:
            # A session takes nothing else.
            return True
        case ast.Await(value=value) | ast.Subscript(value=ast.Name() as value) if _has_bound(value, reach):
            return only_objects(value, reach, asked)
        case ast.Call():
            return _is_loaded_by(node, reach)
        case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.DictComp(value=element):
            return True if isinstance(element, ast.Name) else only_objects(element, reach, asked)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return all(only_objects(i, reach, asked) for i in items)
        case ast.Dict(values=values):
            return all(only_objects(v, reach, asked) for v in values)
        case ast.IfExp(body=body, orelse=orelse):
            return only_objects(body, reach, asked) and only_objects(orelse, reach, asked)
        case ast.BoolOp(values=values):
            return all(only_objects(v, reach, asked) for v in values)
    return _is_object(reach.kept.get(node))


def _is_in_place(node: ast.expr, reach: Reach) -> bool:
    """Whether *node* is the value of a column that can be changed in place, or taken from one."""
    while isinstance(node, ast.Subscript) or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        node = node.value if isinstance(node, ast.Subscript) else node.func.value  # type: ignore[attr-defined]
    return isinstance(node, ast.Attribute) and node.attr in reach.columns.in_place


def _has_bound(node: ast.expr, reach: Reach) -> bool:
    return not isinstance(node, ast.Name) or node.id in reach.bound


def _is_loaded_by(node: ast.Call, reach: Reach) -> bool:
    """Whether the call *node* gives such objects: a function of the program, or what is known of methods and of builtins."""
    value = reach.kept.get(node)
    if value is not None and all(isinstance(v, Row) or (isinstance(v, Instance) and v.stored) for v in parts(value)):
        return True
    by_function = reach.loaded(node)
    if by_function is not None:
        return by_function
    match node.func:
        case ast.Attribute():
            return receiver_method(node) in _OBJECT_ENDINGS
        case ast.Name(id=name):
            return name in _EAGER
    return False


def _is_object(value: Value | None) -> bool:
    if value is None:
        return False
    return all(
        isinstance(v, Row) or (isinstance(v, Instance) and v.stored) or (isinstance(v, Plain) and _loaded(v))
        for v in parts(value)
    )


def _loaded(value: Plain) -> bool:
    return value.of is not None and (_is_object(value.of) or isinstance(value.of, Plain))
