"""One place of a function that matters for its colour."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from alchemove_codemods.facts import FunctionFacts

Kind = Literal["io", "call", "property", "handed", "query", "lazy", "opened", "response", "implicit"]
ITERATED = "iterated"
"""The name of a site that goes through a legacy Query, which is sent then."""
BOUND = "bound"
"""The name of a site that hands on a method of a session: ``stack.callback(db.rollback)``. Nothing awaits what it gives."""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One place in the body of ``function`` that matters for its colour.

    ``io``: a method of a session, ``name`` it is, ``session`` the expression it is called on. ``call``: a call of one of
    ``targets``; ``property`` the same by an attribute. ``handed``: a call of something unknown that gets ``session``.
    Its ``name`` is ``kept`` where that is for later, and ``callback`` where it gets a function that works with a session, which
    ``session`` then does not name. ``query``: a call that has to do with a legacy Query. ``lazy``: the attribute ``name`` of a
    mapped object that may have to be loaded. ``opened``: ``with`` makes a session. ``implicit``: a special method is called
    without a call that could be moved. ``response``: an object is returned whose response model may have to load something.
    ``deferred`` is the outermost lambda, generator expression or comprehension around it in which it cannot be awaited;
    ``settled`` says that ``run_sync`` runs it already.
    """

    kind: Kind
    node: ast.expr
    function: FunctionFacts
    name: str = ""
    session: ast.expr | None = None
    targets: tuple[FunctionFacts, ...] = ()
    deferred: ast.expr | None = None
    settled: bool = False
