"""The places that load an object, and what runs between there and where it is read."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from alchemove_codemods.colours.loads.refreshes import Refresh
from alchemove_codemods.colours.loads.statements import Came, Statement
from alchemove_codemods.facts import ClassFacts, FunctionFacts


class Lost(Exception):
    """It is not known where an object comes from, or it comes from nowhere that could load more.

    Attributes:
        reason: a declared reason of the rule ``eager-load``.
        function: the function that *node* stands in.
        node: where it got lost.
    """

    def __init__(self, reason: str, function: FunctionFacts, node: ast.AST) -> None:
        super().__init__(reason)
        self.reason = reason
        self.function = function
        self.node = node


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """What runs between loading and reading, as far as it is in one function: from ``after`` (its start) ``until``."""

    function: FunctionFacts
    after: ast.AST | None
    until: ast.AST


@dataclass(frozen=True, slots=True, eq=False)
class Loading:
    """One place that loads the object.

    ``node`` is where options are added to the statement, or the ``session.get(...)`` (then ``statement`` is None);
    ``entity`` the expression that names the class ``cls``, in the function ``named``. ``way`` are the attributes that lead
    from there to the object. ``single`` says that at most one row is accepted. What is made here, and loaded by nothing,
    can only be loaded by a ``refresh``; ``again`` are the places at which that can be done with what is loaded, too. ``came``
    leads from where the object is asked for to the function that runs the statement, which the options may be ``handed`` to.
    ``made`` is the call that makes the object, and can be given a collection that is empty.
    """

    function: FunctionFacts
    node: ast.expr
    entity: ast.expr
    named: FunctionFacts
    cls: ClassFacts | None
    way: tuple[str, ...]
    stretches: tuple[Stretch, ...]
    single: bool
    statement: Statement | None = None
    refresh: Refresh | None = None
    again: tuple[Loading, ...] = ()
    came: Came | None = None
    handed: bool = False
    made: ast.Call | None = None

    @property
    def asking(self) -> FunctionFacts:
        """The function that says what is loaded: the one of the statement, or the one that hands options to it."""
        function, at = self.function, self.came if self.handed else None
        while at is not None:
            function, at = at.function, at.before
        return function
