"""What outlives the block of a session: objects may leave it if they are afterwards what they were, and nothing that asks the session."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.transactions.afterwards import Afterwards
from alchemove_codemods.analysis.transactions.closing import is_right_before, read_before_bound
from alchemove_codemods.analysis.transactions.loaded import only_objects
from alchemove_codemods.analysis.transactions.openers import Opener
from alchemove_codemods.analysis.transactions.phases import Walk
from alchemove_codemods.analysis.transactions.plans import Declined, Exit, Plan
from alchemove_codemods.analysis.transactions.reach import Level, Reach


def check_leaving(plan: Plan, reach: Reach, walk: Walk, exits: list[Exit]) -> None:
    """Whether nothing leaves the scope of *plan* that is not afterwards what it was; raises :exc:`Declined`."""
    scope = plan.scope
    function = scope.opening.function
    for leaving in exits:
        if isinstance(leaving.node, ast.Return) and leaving.node.value is not None:
            if reach.level(leaving.node.value) and not _is_closed(plan, leaving.node):
                raise Declined(
                    "object-leaves",
                    leaving.node,
                    f"{ast.unparse(leaving.node.value)}, which goes on loading: nothing closes this session here",
                )
            _leaves(plan, reach, walk, leaving.node.value, [leaving], leaving.node)
    afterwards = Afterwards(scope, plan.inside, reach)
    if read_before_bound([s for s in scope.later if s not in scope.ended], scope.name):
        raise Declined("used-after-end", scope.node)
    rebound = {scope.name, *(reach.comprehended - reach.variables)}
    parameters = {a.arg for a in function.parameters}
    for name, level in reach.levels.items():
        if (
            name in rebound
            or not level
            or not (afterwards.reads(name) or name in parameters or name not in reach.variables)
        ):
            continue
        told = afterwards.place(name)
        if level is Level.HOLDER:
            raise Declined("session-leaves", scope.node, told)
        values = [v for v in reach.bound.get(name, []) if reach.level(v)]
        for value in values:
            _leaves(plan, reach, walk, value, exits, scope.node, name, told)
        if not values:
            # It was handed to the session, or took what the session gave.
            _outlives(plan, walk, exits, scope.node, name, told)
        if afterwards.caught(name):
            raise Declined("object-leaves", scope.node, f"{told}, after an exception that is caught")


def _is_closed(plan: Plan, leaving: ast.stmt) -> bool:
    """Whether the session is closed where *leaving* returns: by its ``with``, a ``finally``, or right before."""
    scope = plan.scope
    if scope.form in ("with", "unwrapped", "swapped") or not plan.closed:
        return True
    if scope.attempt is not None and any(s in scope.attempt.finalbody for s in scope.ended):
        return True
    parents = scope.opening.function.module.source.parents
    return any(is_right_before(s, leaving, parents) for s in plan.removed)


def _leaves(
    plan: Plan,
    reach: Reach,
    walk: Walk,
    value: ast.expr,
    exits: list[Exit],
    node: ast.AST,
    name: str = "",
    told: str = "",
) -> None:
    """Objects may leave if they are afterwards what they were: loaded or expired. They are called *told* in reports."""
    level = reach.level(value)
    if not level:
        return
    name = name or ast.unparse(value)
    told = told or name
    if level is Level.HOLDER or not only_objects(value, reach):
        raise Declined("session-leaves", node, told)
    _outlives(plan, walk, exits, node, name, told)


def expiring(opener: Opener) -> tuple[bool, bool]:
    """Whether commits let objects expire in the sessions of *opener*, and in those that take their place."""
    assert opener.target is not None
    before, now = (o.settings.get("expire_on_commit") != "False" for o in (opener, opener.target))
    return before, now


def _outlives(plan: Plan, walk: Walk, exits: list[Exit], node: ast.AST, name: str, told: str) -> None:
    scope = plan.scope
    if not plan.closed:
        raise Declined("object-leaves", node, f"{told}, which goes on loading: nothing closes this session")
    if plan.keeps:
        return
    expired_before, expires_now = expiring(scope.opening.opener)
    for phase, drops in {(phase, leaving.drops) for leaving in exits for phase, _ in leaving.states}:
        # What was read after a commit is loaded; what was committed and not read since is expired.
        renewed = phase == "reading" and name in walk.renewed
        committed = phase == "done" or (phase == "reading" and not renewed) or plan.commits
        if (committed and expired_before) != (expires_now and not drops):
            raise Declined("object-leaves", node, told)
