"""Whether a scope can become a block that commits at its end, and what changes in it then."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from alchemove_codemods.analysis.transactions.asking import needs_session
from alchemove_codemods.analysis.transactions.closing import closed_early, is_right_before
from alchemove_codemods.analysis.transactions.dropping import drop_throughout, merged, plan_dropping
from alchemove_codemods.analysis.transactions.effects import Effects, Given
from alchemove_codemods.analysis.transactions.leaving import check_leaving, expiring
from alchemove_codemods.analysis.transactions.names import origin
from alchemove_codemods.analysis.transactions.phases import CLEAN, Walk, captures
from alchemove_codemods.analysis.transactions.plans import Declined, Exit, Plan
from alchemove_codemods.analysis.transactions.reach import Level, Reach
from alchemove_codemods.analysis.transactions.scopes import Scope, mentions, widened
from alchemove_codemods.analysis.transactions.survivors import always_rolled_back, survivor
from alchemove_codemods.analysis.transactions.wrappers import is_call_of, wrapping
from alchemove_codemods.facts import ModuleFacts, local_names
from alchemove_codemods.program import Program

# What one commit at the end would do otherwise, and those that are there do not.
_BY_ONE_COMMIT: Final = frozenset(
    {
        "commit-before-work",
        "commit-handled-inside",
        "commit-in-expression",
        "commit-in-loop",
        "not-committed",
        "object-leaves",
        "session-yielded",
    }
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Listeners:
    """Listeners of session events in the program: whether commits are listened to, and the factories that are listened to."""

    commits: bool = False
    factories: frozenset[tuple[str, str]] = frozenset()


def judge(effects: Effects, scope: Scope, listeners: Listeners) -> Plan:
    """The plan for *scope*; raises :exc:`Declined`."""
    try:
        return _judged_at_once(effects, scope, listeners)
    except Declined as declined:
        wider = widened(scope) if declined.reason in ("object-leaves", "session-leaves") else None
        if wider is None:
            raise
        try:
            return _judged_at_once(effects, wider, listeners)
        except Declined:
            raise declined from None


def _judged_at_once(effects: Effects, scope: Scope, listeners: Listeners) -> Plan:
    """With one commit at the end, or else with those that are there."""
    try:
        return _judged(effects, scope, listeners)
    except Declined as declined:
        before, now = expiring(scope.opening.opener)
        if declined.reason not in _BY_ONE_COMMIT or before != now or scope.begun:
            raise
    return _judged(effects, scope, listeners, keeps=True)


def _judged(effects: Effects, scope: Scope, listeners: Listeners, *, keeps: bool = False) -> Plan:
    function = scope.opening.function
    if not scope.opening.opener.origins.isdisjoint(listeners.factories):
        raise Declined("session-events", scope.node)
    plan = Plan(scope, list(scope.ended), inside=len(scope.body), keeps=keeps)
    _check_name(effects, scope)
    if _is_wrapper(scope):
        plan.removed += [s for s in scope.body if is_call_of(s, scope.name, "commit")]
        return plan
    reach = effects.reach(function, scope.body, Given(frozenset({(scope.name, Level.HOLDER)}), frozenset({scope.name})))
    closed, inside = closed_early(scope.body, scope.name, reach)
    plan.removed += closed
    plan.closed = scope.closed or inside < len(scope.body)
    # Behind a close() at the end, a manager that commits has nothing left to commit.
    plan.commits = scope.commits and inside == len(scope.body) and not scope.ended
    active = scope.body[:inside]
    walk = Walk(effects, function, reach, own=True, keeps=keeps, begun=scope.begun, closed=frozenset(closed))
    end = walk.block(CLEAN, active)
    for problem in walk.problems:
        raise Declined(problem.reason, problem.node, problem.detail)
    if walk.raised and not always_rolled_back(scope):
        raise Declined(
            "object-leaves",
            walk.raised[0],
            "in an exception: what a session that is only closed has loaded stays loaded",
        )
    outlives = survivor(effects.knowledge.program, scope, reach)
    if outlives:
        raise Declined("object-leaves", scope.node, outlives)
    if walk.commits and _others_end_first(scope):
        raise Declined("commit-before-work", walk.commits[0], "what else the 'with' holds ends after it")
    plan.inside = _inside(active, reach, walk)
    exits = merged([*walk.exits, (end, active[-1])])
    if plan.commits:
        _check_closed(scope, closed, exits)
    elif keeps:
        drop_throughout(plan, exits)
    else:
        plan_dropping(plan, exits, walk, reach)
    _plan_endings(plan, walk)
    _check_handlers(scope, reach)
    _plan_leaving(plan, reach, walk, exits)
    if listeners.commits and not walk.commits and not plan.commits and not plan.drops:
        raise Declined("session-events", scope.node)
    return plan


def _plan_leaving(plan: Plan, reach: Reach, walk: Walk, exits: list[Exit]) -> None:
    """Objects that leave a block which never committed stay loaded where it does not commit them either."""
    try:
        check_leaving(plan, reach, walk, exits)
    except Declined as declined:
        if declined.reason != "object-leaves" or walk.commits or plan.commits or plan.drops:
            raise
        drop_throughout(plan, exits)
        check_leaving(plan, reach, walk, exits)


def _check_closed(scope: Scope, closed: list[ast.stmt], exits: list[Exit]) -> None:
    """What is closed on some ways only has to be committed there: the manager of the session commits on the others."""
    parents = scope.opening.function.module.source.parents
    for leaving in exits:
        before = next((s for s in closed if is_right_before(s, leaving.node, parents)), None)
        if before is not None and any(phase not in ("done", "reading") for phase, _ in leaving.states):
            raise Declined("closed-inside", before)


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


def _inside(body: list[ast.stmt], reach: Reach, walk: Walk) -> int:
    """How many statements of *body* have to stay inside the block."""
    late = [node for commit, node in walk.late]
    if not late:
        return len(body)
    used = max((i for i, s in enumerate(body) if needs_session(s, reach)), default=-1)
    for commit, node in walk.late:
        at = next((i for i, s in enumerate(body) if _below(s, node)), -1)
        if at <= used:
            raise Declined(
                "commit-in-loop" if commit in walk.in_loop else "commit-before-work", commit, _comes_after(node, commit)
            )
    return used + 1


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
            if not is_call_of(node, scope.name, "rollback", "close") and needs_session(node, reach):
                raise Declined("handler-uses-session", node, _where(node))
    for node in scope.final:
        if needs_session(node, reach):
            raise Declined("session-in-finally", node, _where(node))


def _where(node: ast.AST) -> str:
    return f"line {getattr(node, 'lineno', 0)}"


__all__ = ["Declined", "Listeners", "Plan", "captures", "judge"]
