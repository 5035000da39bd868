"""Whether a scope can become a block that commits at its end, and what changes in it then."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from alchemove_codemods.analysis.transactions.effects import Effects, Given
from alchemove_codemods.analysis.transactions.names import origin
from alchemove_codemods.analysis.transactions.phases import CLEAN, States, Walk, captures
from alchemove_codemods.analysis.transactions.reach import Level, Reach, receiver_method
from alchemove_codemods.analysis.transactions.scopes import Scope, mentions
from alchemove_codemods.analysis.transactions.vocabulary import LIST_ENDINGS
from alchemove_codemods.analysis.transactions.wrappers import is_call_of, wrapping
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, local_names
from alchemove_codemods.program import Program
from alchemove_codemods.values import Instance, Plain, Row, Value, parts

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_OBJECT_ENDINGS = LIST_ENDINGS | {
    "first", "one", "one_or_none", "get", "get_one", "scalar", "scalar_one", "scalar_one_or_none", "fetchone", "merge",
}  # fmt: skip


class Declined(Exception):
    """The scope stays: a declared reason, what is particular, and where."""

    def __init__(self, reason: str, node: ast.AST, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.node = node
        self.detail = detail


@dataclass(slots=True, eq=False)
class Plan:
    """What changes in a scope: statements that go, commits that become ``flush()``, and how many statements stay inside the block."""

    scope: Scope
    removed: list[ast.stmt] = field(default_factory=list)
    flushed: list[ast.Call] = field(default_factory=list)
    inside: int = 0


@dataclass(frozen=True, slots=True)
class Listeners:
    """Listeners of session events in the program: whether commits are listened to, and the factories that are listened to."""

    commits: bool = False
    factories: frozenset[tuple[str, str]] = frozenset()


def judge(effects: Effects, scope: Scope, listeners: Listeners) -> Plan:
    """The plan for *scope*; raises :exc:`Declined`."""
    function = scope.opening.function
    if isinstance(function.node, ast.AsyncFunctionDef):
        raise Declined("blocks-event-loop", scope.node)
    if scope.opening.opener.home in listeners.factories:
        raise Declined("session-events", scope.node)
    plan = Plan(scope, list(scope.ended), inside=len(scope.body))
    _check_name(effects, scope)
    if _is_wrapper(scope):
        plan.removed += [s for s in scope.body if is_call_of(s, scope.name, "commit")]
        return plan
    reach = effects.reach(function, scope.body, Given(frozenset({(scope.name, Level.HOLDER)}), frozenset({scope.name})))
    walk = Walk(effects, function, reach, own=True)
    end = walk.block(CLEAN, scope.body)
    for problem in walk.problems:
        raise Declined(problem.reason, problem.node, problem.detail)
    exits = [*walk.exits, (end, scope.body[-1])]
    if not scope.commits:
        for states, node in exits:
            if any(phase == "dirty" for phase, _ in states):
                raise Declined("not-committed", node, _where(node))
        if listeners.commits and not walk.commits:
            raise Declined("session-events", scope.node)
    if walk.commits and _others_end_first(scope):
        raise Declined("commit-before-work", walk.commits[0], "what else the 'with' holds ends after it")
    plan.inside = _inside(scope, reach, walk)
    _plan_endings(plan, walk)
    _check_handlers(scope, reach)
    _check_leaving(scope, reach, walk, exits, plan)
    return plan


def _is_wrapper(scope: Scope) -> bool:
    """Whether the function only hands out the session, and commits it."""
    node = scope.opening.function.node
    if not isinstance(node, ast.FunctionDef) or not scope.opening.function.decorated("contextmanager"):
        return False
    found = wrapping(node)
    return found is not None and found.plain and (found.commits or scope.commits)


def _check_name(effects: Effects, scope: Scope) -> None:
    """Nothing else may have the session by its name: a function that is defined here, another module, a second assignment."""
    function, name = scope.opening.function, scope.name
    if isinstance(function.node, ast.Module):
        others: Iterator[ast.AST] = iter(function.module.functions)
        if _announced(function.module, name) or _imported(effects.knowledge.program, function.module, name):
            raise Declined("session-kept", scope.node, name)
    else:
        others = (n for n in ast.walk(function.node) if isinstance(n, _FUNCTIONS))
        if name not in local_names(function.node):
            raise Declined("session-kept", scope.node, f"global {name}")
    for node in others:
        if node is not function.node and name not in local_names(node) and mentions(node, name):
            raise Declined("session-captured", node, getattr(node, "name", "lambda"))
    for statement in scope.body:
        for inner in ast.walk(statement):
            if isinstance(inner, ast.Name) and inner.id == name and not isinstance(inner.ctx, ast.Load):
                raise Declined("session-not-scoped", inner, f"{name} is bound again")


def _announced(module: ModuleFacts, name: str) -> bool:
    """Whether *module* has *name* in a text such as ``"app.database:_session"``, by which a shim exports it."""
    return any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(f":{name}")
        for node in ast.walk(module.source.tree)
    )


def _imported(program: Program, module: ModuleFacts, name: str) -> bool:
    """Whether another file imports *name* from *module*, or reads it as an attribute of that."""
    for path in program.mentioning(name.encode()):
        other = program.module(path) if path != module.path else None
        if other is None:
            continue
        for bindings in other.bindings.values():
            for binding in bindings:
                if binding.kind != "import" or binding.attribute != name:
                    continue
                if program.locate(program.absolute(binding, other), path) == module.path:
                    return True
        if any(origin(program, other.body, node) == (module.path, name) for node in _attributes(other, name)):
            return True
    return False


def _attributes(module: ModuleFacts, name: str) -> Iterator[ast.Attribute]:
    return (n for n in ast.walk(module.source.tree) if isinstance(n, ast.Attribute) and n.attr == name)


def _others_end_first(scope: Scope) -> bool:
    """Whether the ``with`` of the session holds something else that ends before the block would commit."""
    node = scope.node
    if scope.form != "with" or not isinstance(node, ast.With):
        return False
    at = next(i for i, item in enumerate(node.items) if _below(item.context_expr, scope.opening.call))
    return any(not mentions(item.context_expr, scope.name) for item in node.items[at + 1 :])


# what comes after the commit -----------------------------------------------------------------------------------------


def _inside(scope: Scope, reach: Reach, walk: Walk) -> int:
    """How many statements of the body have to stay inside the block."""
    late = [node for commit, node in walk.late]
    if not late:
        return len(scope.body)
    used = max((i for i, s in enumerate(scope.body) if _uses(s, reach)), default=-1)
    for commit, node in walk.late:
        at = next((i for i, s in enumerate(scope.body) if _below(s, node)), -1)
        if at <= used:
            raise Declined(
                "commit-in-loop" if commit in walk.in_loop else "commit-before-work", commit, _comes_after(node, commit)
            )
    return used + 1


def _uses(node: ast.stmt, reach: Reach) -> bool:
    return any(
        isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and reach.levels.get(inner.id)
        for inner in ast.walk(node)
    )


def _below(outer: ast.AST, node: ast.AST) -> bool:
    return any(inner is node for inner in ast.walk(outer))


def _comes_after(node: ast.AST, commit: ast.AST) -> str:
    line = getattr(node, "lineno", 0)
    return f"line {line} comes after it" if line != getattr(commit, "lineno", 0) else ""


def _plan_endings(plan: Plan, walk: Walk) -> None:
    statements = {s.value: s for b in plan.scope.body for s in ast.walk(b) if isinstance(s, ast.Expr)}
    for commit in walk.commits:
        if commit in walk.flushed:
            plan.flushed.append(commit)
        elif commit in statements:
            plan.removed.append(statements[commit])
        else:
            raise Declined("commit-in-expression", commit)
    for handler in plan.scope.handlers:
        plan.removed += [s for s in handler.body if is_call_of(s, plan.scope.name, "rollback", "close")]


# what outlives the session -----------------------------------------------------------------------------------------------


def _check_handlers(scope: Scope, reach: Reach) -> None:
    for handler in scope.handlers:
        for node in handler.body:
            if not is_call_of(node, scope.name, "rollback", "close") and _uses(node, reach):
                raise Declined("handler-uses-session", node, _where(node))
    for node in scope.final:
        if _uses(node, reach):
            raise Declined("session-in-finally", node, _where(node))


def _check_leaving(scope: Scope, reach: Reach, walk: Walk, exits: list[tuple[States, ast.AST]], plan: Plan) -> None:
    function = scope.opening.function
    anywhere: States = frozenset().union(*(states for states, _ in exits))
    for states, node in exits:
        if isinstance(node, ast.Return) and node.value is not None:
            _leaves(scope, reach, walk, node.value, states, node)
    outside = [*scope.body[plan.inside :], *scope.final, *_others(function, scope)]
    variables = {n.id for s in outside for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    if scope.name in _read_later(scope):
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
            _leaves(scope, reach, walk, value, anywhere, scope.node, name)
        if not values:
            # It was handed to the session, or took what the session gave.
            _outlives(scope, walk, anywhere, scope.node, name)


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


def _read_later(scope: Scope) -> set[str]:
    """The names that are read behind the block before they are bound anew."""
    found: set[str] = set()
    for node in scope.later:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == scope.name for t in node.targets):
            break
        if isinstance(node, ast.With) and any(
            isinstance(i.optional_vars, ast.Name) and i.optional_vars.id == scope.name for i in node.items
        ):
            break
        if node not in scope.ended:
            found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return found


def _leaves(
    scope: Scope, reach: Reach, walk: Walk, value: ast.expr, states: States, node: ast.AST, name: str = ""
) -> None:
    """Objects may leave if they are afterwards what they were: loaded or expired."""
    level = reach.level(value)
    if not level:
        return
    detail = name or ast.unparse(value)
    if level is Level.HOLDER or not _only_objects(value, reach):
        raise Declined("session-leaves", node, detail)
    _outlives(scope, walk, states, node, detail)


def _outlives(scope: Scope, walk: Walk, states: States, node: ast.AST, detail: str) -> None:
    target = scope.opening.opener.target
    assert target is not None
    expired_before = scope.opening.opener.settings.get("expire_on_commit") != "False"
    expires_now = target.settings.get("expire_on_commit") != "False"
    for phase, _ in states:
        # What was read after a commit is loaded; what was committed and not read since is expired.
        renewed = phase == "reading" and detail in walk.renewed
        committed = phase == "done" or (phase == "reading" and not renewed) or scope.commits
        if (committed and expired_before) != expires_now:
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


def _where(node: ast.AST) -> str:
    return f"line {getattr(node, 'lineno', 0)}"


__all__ = ["Declined", "Listeners", "Plan", "captures", "judge"]
