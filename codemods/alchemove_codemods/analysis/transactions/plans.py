"""What is decided about a scope: a plan, or the reason why it stays."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from alchemove_codemods.analysis.transactions.phases import States
from alchemove_codemods.analysis.transactions.scopes import Scope


class Declined(Exception):
    """The scope stays: a declared reason, what is particular, and where."""

    def __init__(self, reason: str, node: ast.AST, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.node = node
        self.detail = detail


@dataclass(slots=True, eq=False)
class Plan:
    """What changes in a scope: statements that go, commits that become ``flush()``, and how many statements stay inside the block.

    ``drops`` says that the block throws away what nobody has committed at its end, ``drops_before`` that it does so where it is left by these
    statements, ``drops_at_end`` where it is left at its end. ``closed``: the session was closed at the end of what is inside; ``commits``: its manager committed
    then what was left. ``keeps``: the commits of the scope stay, and the block commits nothing.
    """

    scope: Scope
    removed: list[ast.stmt] = field(default_factory=list)
    flushed: list[ast.Call] = field(default_factory=list)
    inside: int = 0
    drops: bool = False
    drops_before: list[ast.stmt] = field(default_factory=list)
    drops_at_end: bool = False
    closed: bool = True
    commits: bool = False
    keeps: bool = False


@dataclass(slots=True, eq=False)
class Exit:
    """A statement by which control leaves a scope, and the states in which it does; ``drops``: what is not committed is thrown away there."""

    states: States
    node: ast.stmt
    drops: bool = False
