"""What outlives the block of a session: objects may leave it if they are afterwards what they were, and nothing that asks the session."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.transactions.closing import read_before_bound
from alchemove_codemods.analysis.transactions.phases import Walk
from alchemove_codemods.analysis.transactions.plans import Declined, Exit, Plan
from alchemove_codemods.analysis.transactions.reach import Level, Reach, receiver_method
from alchemove_codemods.analysis.transactions.scopes import Scope
from alchemove_codemods.analysis.transactions.vocabulary import LIST_ENDINGS
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.values import Instance, Plain, Row, Value, parts

_OBJECT_ENDINGS = LIST_ENDINGS | {
    "first", "one", "one_or_none", "get", "get_one", "scalar", "scalar_one", "scalar_one_or_none", "fetchone", "merge",
}  # fmt: skip


def check_leaving(plan: Plan, reach: Reach, walk: Walk, exits: list[Exit]) -> None:
    """Whether nothing leaves the scope of *plan* that is not afterwards what it was; raises :exc:`Declined`."""
    scope = plan.scope
    function = scope.opening.function
    for leaving in exits:
        if isinstance(leaving.node, ast.Return) and leaving.node.value is not None:
            _leaves(scope, reach, walk, leaving.node.value, [leaving], leaving.node)
    outside = [*scope.body[plan.inside :], *scope.final, *_others(function, scope)]
    variables = {n.id for s in outside for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    if read_before_bound([s for s in scope.later if s not in scope.ended], scope.name):
        raise Declined("used-after-end", scope.node)
    rebound = {scope.name, *(reach.comprehended - reach.variables)}
    parameters = {a.arg for a in function.parameters}
    for name, level in reach.levels.items():
        if name in rebound or not level or not (name in variables or name in parameters or name not in reach.variables):
            continue
        if level is Level.HOLDER:
            raise Declined("session-leaves", scope.node, name)
        values = [v for v in reach.bound.get(name, []) if reach.level(v)]
        for value in values:
            _leaves(scope, reach, walk, value, exits, scope.node, name)
        if not values:
            # It was handed to the session, or took what the session gave.
            _outlives(scope, walk, exits, scope.node, name)


def _others(function: FunctionFacts, scope: Scope) -> list[ast.stmt]:
    """The statements of the function outside of the scope."""
    parts_of_it = [*scope.body, scope.node, *([scope.attempt] if scope.attempt is not None else [])]
    inside = {id(n) for s in parts_of_it for n in ast.walk(s)}
    body = getattr(function.node, "body", [])
    return [
        n
        for s in body
        for n in ast.walk(s)
        if isinstance(n, ast.stmt) and id(n) not in inside and not _contains(n, scope)
    ]


def _contains(node: ast.stmt, scope: Scope) -> bool:
    return any(inner is scope.node for inner in ast.walk(node))


def _leaves(
    scope: Scope, reach: Reach, walk: Walk, value: ast.expr, exits: list[Exit], node: ast.AST, name: str = ""
) -> None:
    """Objects may leave if they are afterwards what they were: loaded or expired."""
    level = reach.level(value)
    if not level:
        return
    detail = name or ast.unparse(value)
    if level is Level.HOLDER or not _only_objects(value, reach):
        raise Declined("session-leaves", node, detail)
    _outlives(scope, walk, exits, node, detail)


def _outlives(scope: Scope, walk: Walk, exits: list[Exit], node: ast.AST, detail: str) -> None:
    target = scope.opening.opener.target
    assert target is not None
    expired_before = scope.opening.opener.settings.get("expire_on_commit") != "False"
    expires_now = target.settings.get("expire_on_commit") != "False"
    for phase, drops in {(phase, leaving.drops) for leaving in exits for phase, _ in leaving.states}:
        # What was read after a commit is loaded; what was committed and not read since is expired.
        renewed = phase == "reading" and detail in walk.renewed
        committed = phase == "done" or (phase == "reading" and not renewed) or scope.commits
        if (committed and expired_before) != (expires_now and not drops):
            raise Declined("object-leaves", node, detail)


def _only_objects(node: ast.expr, reach: Reach) -> bool:
    """Whether *node* is objects that are loaded, not something that asks the session later."""
    if not reach.level(node) or _is_object(reach.kept.get(node)):
        return True
    match node:
        case ast.Name(id=name) if name in reach.bound:
            return all(b is node or _only_objects(b, reach) for b in reach.bound[name])
        case ast.Call(func=ast.Attribute()):
            return receiver_method(node) in _OBJECT_ENDINGS
        case ast.Call(func=ast.Name(id="list" | "dict" | "set" | "tuple" | "sorted")):
            return True
        case ast.ListComp(elt=element) | ast.SetComp(elt=element):
            return True if isinstance(element, ast.Name) else _only_objects(element, reach)
        case ast.DictComp():
            return True
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return all(_only_objects(i, reach) for i in items)
        case ast.Dict(values=values):
            return all(_only_objects(v, reach) for v in values)
        case ast.IfExp(body=body, orelse=orelse):
            return _only_objects(body, reach) and _only_objects(orelse, reach)
        case ast.BoolOp(values=values):
            return all(_only_objects(v, reach) for v in values)
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
