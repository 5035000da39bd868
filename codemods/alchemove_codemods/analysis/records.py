"""What the interpretation leaves behind for the rules: where queries are made, what is called on them, where they end."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Literal

from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.values import Component, Held, Query, Row, State, Value


@dataclass(slots=True, eq=False)
class Creation:
    """A place where a legacy Query begins: a site.

    ``kind`` is the rule that covers it; ``session`` is the expression of the session in the source, if there is one;
    ``of_instance`` says that ``Model.query`` was taken from an object (``self.query``). ``criteria`` are arguments that a
    stand-in for ``query()`` filters by, and ``run_by`` is its session as the caller writes it in the same expression.
    """

    node: ast.expr
    kind: Literal["session-query", "model-query", "query-constructor", "query-wrapper", "dynamic-relationship"]
    session: ast.expr | None
    query: Query
    function: FunctionFacts
    arguments: list[ast.expr] = field(default_factory=list)
    of_instance: bool = False
    owner: ClassFacts | None = None
    criteria: list[ast.expr] = field(default_factory=list)
    run_by: Held | None = None


@dataclass(slots=True, eq=False)
class Step:
    """A method called, or an attribute or item taken, on a query.

    ``before`` is the query it is applied to, ``after`` the state it leaves (None for what ends the query);
    ``values`` are the values of the arguments in their order in the source. ``as_is`` says that something else may be there instead of
    the query, so that the text has to stay what it is.
    """

    node: ast.expr
    method: str
    receiver: ast.expr
    before: Query
    after: State | None
    function: FunctionFacts
    values: list[Value] = field(default_factory=list)
    as_is: bool = False


@dataclass(slots=True, eq=False)
class Iteration:
    """A query that is gone through: ``for``, a comprehension, ``list(query)``, ``*query``, ``in query``.

    ``needs_list`` says that the consumer needs a list instead of a result (``dict(...)``), ``among`` that the variable may as well hold
    something else that is gone through, ``shown`` that a template goes through it.
    """

    node: ast.expr
    query: Query
    function: FunctionFacts
    needs_list: bool = False
    among: bool = False
    shown: bool = False


@dataclass(slots=True, eq=False)
class Mention:
    """A query that is used as a value where nothing has to change: returned, passed on, a SQL argument."""

    node: ast.expr
    query: Query
    function: FunctionFacts


@dataclass(slots=True, eq=False)
class Tested:
    """A query that is tested for truth: it is always true, so what is asked is whether there is one.

    ``chosen`` says that it is taken if it is there: ``query or other``. ``of_class`` says that it is asked for its class instead, and that
    *node* names this class: ``isinstance(query, Query)``.
    """

    node: ast.expr
    query: Query
    function: FunctionFacts
    chosen: bool = False
    of_class: bool = False


@dataclass(slots=True, eq=False)
class Annotated:
    """An annotation of a variable, parameter or result that is a query."""

    node: ast.expr
    query: Query
    function: FunctionFacts


@dataclass(slots=True, eq=False)
class Escape:
    """A place that keeps a component from being converted."""

    node: ast.AST
    reason: str
    component: Component
    function: FunctionFacts
    detail: str = ""


@dataclass(slots=True, eq=False)
class RowUse:
    """An attribute taken from a row of a query."""

    node: ast.Attribute | ast.Subscript
    row: Row
    function: FunctionFacts


@dataclass(slots=True, eq=False)
class Suspect:
    """Something that looks like a legacy site, but could not be proved to be one, or is of a kind that is only reported."""

    node: ast.expr | ast.ImportFrom | ast.FunctionDef
    rule: str
    reason: str
    function: FunctionFacts


@dataclass(slots=True, eq=False)
class Removed:
    """A construct that SQLAlchemy 2.0 removed and that stands for itself: a site of its own, tied to no other.

    ``rule`` is the rule that covers it; ``values`` are the values of the arguments in their order in the source,
    ``legacy`` says that nothing but a program for SQLAlchemy before 2.0 can have it.
    """

    node: ast.expr | ast.ImportFrom
    rule: str
    function: FunctionFacts
    values: list[Value] = field(default_factory=list)
    legacy: bool = True


Record = Annotated | Creation | Step | Iteration | Mention | Tested | Escape | RowUse | Suspect | Removed


def component_of(record: Record) -> Component | None:
    """The component that *record* speaks of, if it is one of a query."""
    match record:
        case Creation(query=query) | Iteration(query=query) | Mention(query=query) | Step(before=query):
            return query.component
        case Annotated(query=query) | Tested(query=query):
            return query.component
        case Escape(component=component):
            return component
        case RowUse(row=row):
            return row.component
    return None
