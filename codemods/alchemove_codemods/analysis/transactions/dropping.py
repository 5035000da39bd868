"""What a legacy session threw away when it was closed: where the block has to do that too, with ``discard_uncommitted()``.

A session that is closed without a commit loses what was written. The block commits at its end, unless it was told not to. Where nothing in
the scope is committed, it is told so at its beginning. Where something is, only on the paths that end with nothing committed: right before
the statement that leaves the block. Where one commit at the end would not do what those of the scope did, they stay, and the block is told so at
its beginning, too.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.transactions.phases import States, Walk
from alchemove_codemods.analysis.transactions.plans import Declined, Exit, Plan
from alchemove_codemods.analysis.transactions.reach import Reach
from alchemove_codemods.trees import walk as nodes_of


def plan_dropping(plan: Plan, exits: list[Exit], walk: Walk, reach: Reach) -> None:
    """Decide where *plan* drops what is not committed; raises :exc:`Declined` where one path would have to and another must not."""
    lossy = [e for e in exits if any(phase == "dirty" for phase, _ in e.states)]
    if not lossy:
        return
    if not walk.commits:
        drop_throughout(plan, exits)
        return
    for leaving in lossy:
        alone = all(phase in ("clean", "dirty") for phase, _ in leaving.states)
        at = next((i for i, s in enumerate(plan.scope.body) if s is leaving.node or leaving.node in nodes_of(s)), 0)
        by_end = not isinstance(leaving.node, (ast.Return, ast.Break, ast.Continue))
        if not alone or at >= plan.inside or (by_end and leaving.node is not plan.scope.body[plan.inside - 1]):
            raise Declined("not-committed", leaving.node, f"line {leaving.node.lineno}")
        if _ends_elsewhere(plan, leaving.node, reach):
            raise Declined("not-committed", leaving.node, f"line {leaving.node.lineno}")
        leaving.drops = True
        if by_end:
            plan.drops_at_end = True
        else:
            plan.drops_before.append(leaving.node)


def drop_throughout(plan: Plan, exits: list[Exit]) -> None:
    """Let *plan* drop what is not committed wherever it ends."""
    plan.drops = True
    for leaving in exits:
        leaving.drops = True


def merged(exits: list[tuple[States, ast.stmt]]) -> list[Exit]:
    """One exit for each statement that control leaves by."""
    found: dict[ast.stmt, Exit] = {}
    for states, node in exits:
        if node in found:
            found[node].states |= states
        else:
            found[node] = Exit(states, node)
    return list(found.values())


def _ends_elsewhere(plan: Plan, node: ast.stmt, reach: Reach) -> bool:
    """Whether a ``finally`` uses the session after *node* has left what it belongs to."""
    for statement in plan.scope.body:
        for outer in nodes_of(statement):
            if (
                not isinstance(outer, ast.Try)
                or not outer.finalbody
                or not any(node in nodes_of(s) for s in _guarded(outer))
            ):
                continue
            if any(isinstance(n, ast.expr) and reach.level(n) for s in outer.finalbody for n in nodes_of(s)):
                return True
    return False


def _guarded(attempt: ast.Try) -> list[ast.AST]:
    return [*attempt.body, *attempt.handlers, *attempt.orelse]
