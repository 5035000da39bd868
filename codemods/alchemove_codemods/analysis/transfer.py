"""Helpers that build on a query they are given: what such a function does is said relative to the query of each caller.

``def newest(query): return query.order_by(...).limit(10)`` selects whatever its caller's query selects. A query that comes
in by a parameter therefore remembers what was done to it since (:class:`~alchemove_codemods.values.Passed`), and what
a call returns is the caller's own query after those steps, not the join of the queries of all callers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import states
from alchemove_codemods.frozen import replace
from alchemove_codemods.joining import join, join_queries
from alchemove_codemods.values import (
    BOTTOM,
    UNKNOWN,
    Bottom,
    Brought,
    Component,
    Instance,
    Mixed,
    Nothing,
    Passed,
    Query,
    Sql,
    State,
    Unknown,
    Value,
    parts,
    queries_in,
)

if TYPE_CHECKING:
    import ast

    from alchemove_codemods.analysis.arguments import Argument
    from alchemove_codemods.analysis.frame import Frame
    from alchemove_codemods.facts import FunctionFacts

_REPLACING = frozenset({"with_entities", "set", "from_self", "select_entity_from", "from_statement", "with_session"})
"""Steps after which a query is another one: what is known of it is what the function says, for all callers."""

_NEUTRAL = frozenset(
    {
        "filter",
        "where",
        "filter_by",
        "having",
        "order_by",
        "group_by",
        "limit",
        "offset",
        "distinct",
        "options",
        "join",
        "outerjoin",
    }
)

_UNTOUCHED = State(elements=())


def arriving(frame: Frame, name: str, value: Value) -> Value:
    """What the parameter *name* of the function of *frame* brings: queries that nothing was done to yet, and what else."""
    shared = _shared(frame, frame.function)
    passed = Passed(shared, name, _UNTOUCHED)
    joined: Value = BOTTOM
    for part in parts(value):
        match part:
            case Query():
                part = replace(part, passed=passed)  # noqa: PLW2901
            case Unknown() | Instance() if isinstance(value, Mixed):
                part = Brought(shared, name)  # noqa: PLW2901
            case Sql(kind="select") if isinstance(value, Mixed):
                part = Brought(shared, name, select=True)  # noqa: PLW2901
        joined = join(joined, part)
    return joined


def handed(frame: Frame, value: Value, function: FunctionFacts, name: str) -> Value:
    """Queries as the parameter *name* of *function* gets them: what becomes of them there need not concern the caller."""
    knowledge = frame.knowledge
    inner = knowledge.passed_on.setdefault((_shared(frame, function), name), Component())
    joined: Value = BOTTOM
    for part in parts(value):
        if isinstance(part, Query):
            if frame.recording:
                knowledge.links[(inner, part.component)] = None
            part = replace(part, component=inner, passed=None)  # noqa: PLW2901
        joined = join(joined, part)
    return joined


def come_back(frame: Frame, value: Value, function: FunctionFacts, bound: dict[str, Argument]) -> Value:
    """What a call of *function* gives this caller, of what the function makes of all that any caller passes."""
    if not any(isinstance(part, Brought) for part in parts(value)):
        return value
    joined: Value = BOTTOM
    for part in parts(value):
        if not isinstance(part, Brought):
            joined = join(joined, part)
        elif part.function is not _shared(frame, function) or part.name not in bound:
            joined = join(joined, UNKNOWN)
        else:
            for own in parts(bound[part.name].value):
                if not isinstance(own, (Query, Bottom, Nothing)):
                    joined = join(joined, own if isinstance(own, Sql) else UNKNOWN)
    return joined


def stepped(frame: Frame, passed: Passed | None, name: str, node: ast.Call, arguments: list[Argument]) -> Passed | None:
    """What was done to a query since it came in, once the builder *name* was called on it as well."""
    if passed is None:
        return None
    after = states.step_state(frame, passed.since, name, node, arguments)
    return None if after.may & _REPLACING or after.elements is None else replace(passed, since=after)


def returned(frame: Frame, query: Query, function: FunctionFacts, bound: dict[str, Argument]) -> Value | None:
    """The caller's own query after what *function* did to it; None if *query* does not come from its arguments alone."""
    passed = query.passed
    if passed is None or passed.function is not _shared(frame, function) or passed.name not in bound:
        return None
    given = [v for v in parts(bound[passed.name].value) if isinstance(v, Query)]
    if not given:
        # What other callers pass does not come back to this one.
        return BOTTOM
    made = [_after(source, passed.since) for source in given]
    joined = made[0]
    for other in made[1:]:
        joined = join_queries(joined, other)
    return joined


def is_select(value: Value) -> bool:
    """Whether *value* is a ``select()``."""
    return value.select if isinstance(value, Brought) else isinstance(value, Sql) and value.kind == "select"


def is_neutral(name: str, values: Iterable[Value]) -> bool:
    """Whether ``x.name(...)`` is right, and the same text, for a Query and for a ``select()``."""
    return name in _NEUTRAL and not any(queries_in(value) for value in values)


def kept(frame: Frame, passed: Passed | None) -> Passed | None:
    """*passed* if it speaks of a parameter that the function of *frame*, or one around it, has."""
    function: FunctionFacts | None = frame.function
    while passed is not None and function is not None:
        if passed.function is _shared(frame, function):
            return passed
        function = function.outer
    return None


def _after(source: Query, since: State) -> Query:
    passed = source.passed
    if passed is not None:
        passed = replace(passed, since=_composed(passed.since, since))
        if passed.since.elements is None:
            passed = None
    return replace(source, state=_composed(source.state, since), passed=passed)


def _composed(state: State, since: State) -> State:
    """*state* after all that *since* says was done."""
    lost = {"unflushed"} if since != _UNTOUCHED else set()
    if "limit" in since.may:
        lost.add("limit_one")
    elements = state.elements
    if since.elements:
        elements = (*elements, *since.elements) if elements is not None and len(elements) < 24 else None
    last = since.last
    if last is None:
        last = (
            state.last if "reset_joinpoint" not in since.may else None if "reset_joinpoint" in since.must else UNKNOWN
        )
    may = (state.may - lost) | since.may
    if states.WRAPPED & state.may and (since.froms or since.criteria or {"join", "opaque"} & since.may):
        may |= {"dup"}
    return State(
        elements=elements,
        may=may,
        must=(state.must - lost) | since.must,
        last=last,
        froms=state.froms | since.froms,
        criteria=state.criteria | since.criteria,
    )


def _shared(frame: Frame, function: FunctionFacts) -> FunctionFacts:
    """The one of all methods that override each other that stands for them in summaries."""
    return frame.knowledge.overriding(function)[0]
