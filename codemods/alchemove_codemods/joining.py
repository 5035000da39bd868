"""What a place is that several values reach: the join of abstract values, by which the interpretation grows until it settles."""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import TYPE_CHECKING

from alchemove_codemods.frozen import replace
from alchemove_codemods.in_session import COMMITTED, ELSEWHERE, InSession, weaker
from alchemove_codemods.query_kinds import together
from alchemove_codemods.values import (
    BOTTOM,
    MORE,
    PLAIN,
    SOME_CLASS,
    TEXT,
    UNKNOWN,
    Bottom,
    Class,
    Element,
    Entity,
    Instance,
    Mixed,
    Paginated,
    Passed,
    Plain,
    Query,
    Sql,
    State,
    Unknown,
    Value,
    is_text,
    parts,
    queries_in,
)

if TYPE_CHECKING:
    from alchemove_codemods.facts import ClassFacts

_WITH_QUERIES = (Query, Mixed)

_MOST_CLASSES = 16
"""How many classes are told apart that a query may select."""


def join(a: Value, b: Value) -> Value:
    """The value of a place that either *a* or *b* reaches."""
    if a is b or b.__class__ is Bottom:
        return a
    if a.__class__ is Bottom:
        return b
    # What is not known takes in everything but queries, which are never lost from sight.
    if b.__class__ is Unknown and a.__class__ not in _WITH_QUERIES:
        return b
    if a.__class__ is Unknown and b.__class__ not in _WITH_QUERIES:
        return a
    if a == b:
        held = [*queries_in(a), *queries_in(b)]
        for query in held[1:]:
            held[0].component.unite(query.component)
        if isinstance(a, Paginated) and isinstance(b, Paginated):
            a.component.unite(b.component)
        return a
    if isinstance(a, Plain) and isinstance(b, Plain):
        return _join_plain((a, b))
    if isinstance(a, Mixed) and b.__class__ is not Query and b in a.values:
        return a
    everything = [*parts(a), *parts(b)]
    queries = [v for v in everything if isinstance(v, Query)]
    rest = {v for v in everything if not isinstance(v, Query)}
    plain = {v for v in rest if isinstance(v, Plain)}
    if len(plain) > 1:
        rest = (rest - plain) | {_join_plain(plain)}
    instances = {v for v in rest if isinstance(v, Instance)}
    if any(instance.in_session is not None for instance in instances):
        rest -= instances
        instances = _join_instances(instances)
        rest |= instances
    for instance in instances:
        if instance.stored and Instance(instance.cls) in instances:
            rest.discard(instance)
    if len(queries) > 1:
        first = queries[0]
        for other in queries[1:]:
            first = join_queries(first, other)
        queries = [first]
    classes = {v for v in rest if isinstance(v, (Class, Entity))}
    if len(classes) > 4:
        rest = (rest - classes) | {SOME_CLASS}
    elif SOME_CLASS in rest:
        # What was given up once stays given up: a join that grew again would never settle.
        rest -= {v for v in classes if isinstance(v, Class)}
    if UNKNOWN in rest:
        rest = {UNKNOWN}
    if len(rest) > 6:
        rest = {UNKNOWN}
    values = frozenset([*queries, *rest])
    return next(iter(values)) if len(values) == 1 else Mixed(values)


def join_queries(a: Query, b: Query) -> Query:
    """The query that either *a* or *b* is; ties their components."""
    a.component.unite(b.component)
    state = _join_states(a.state, b.state)
    held = a.held if a.held == b.held else None
    flavour = a.flavour if a.flavour == b.flavour else "orm"
    custom = together(a.query_class, b.query_class)
    if held is None:
        state = replace(state, may=state.may | {"several-sessions"})
    return Query(state, held, flavour, custom, a.component, _join_passed(a.passed, b.passed))


def _join_instances(values: set[Instance]) -> set[Instance]:
    """One object of each class, which has come as far as all of them have."""
    joined: dict[tuple[ClassFacts | str, int], Instance] = {}
    for value in values:
        key = (value.cls, value.made)
        other = joined.setdefault(key, value)
        if other != value:
            reached = weaker(*(InSession(COMMITTED, ELSEWHERE) if v.stored else v.in_session for v in (other, value)))
            joined[key] = Instance(value.cls, False, value.made, reached)
    return set(joined.values())


def _join_plain(values: Collection[Plain]) -> Plain:
    if all(is_text(value) for value in values):
        return TEXT
    of: Value = BOTTOM
    for value in values:
        if value.of is None:
            return PLAIN
        of = join(of, value.of)
    pieces = [value.parts for value in values if value.parts is not None]
    if len(pieces) < len(values) or len({len(each) for each in pieces}) > 1:
        return Plain(of)
    return Plain(of, parts=tuple(functools.reduce(join, column) for column in zip(*pieces)))


def _join_states(first: State, second: State) -> State:
    if first == second:
        return first
    return State(
        elements=_join_elements(first.elements, second.elements),
        may=first.may | second.may,
        must=first.must & second.must,
        last=first.last if first.last == second.last else UNKNOWN,
        froms=first.froms | second.froms,
        criteria=first.criteria | second.criteria,
    )


def _join_passed(first: Passed | None, second: Passed | None) -> Passed | None:
    if first == second or first is None or second is None:
        return first if first == second else None
    if (first.function, first.name) != (second.function, second.name):
        return None
    since = _join_states(first.since, second.since)
    return replace(first, since=since) if since.elements is not None else None


def _join_elements(a: tuple[Element, ...] | None, b: tuple[Element, ...] | None) -> tuple[Element, ...] | None:
    if a == b:
        return a
    if not a or not b:
        return None
    if len(a) != len(b):
        return _join_columns(a, b)
    joined = []
    for x, y in zip(a, b):
        if x.kind != y.kind:
            return None
        joined.append(x if x == y else _either_element(x, y))
    return tuple(joined)


def _either_element(x: Element, y: Element) -> Element:
    """One of two elements of the same kind: classes stay told apart, of columns it is known what they have in common."""
    value: Value = UNKNOWN
    if isinstance(x.value, Sql) and isinstance(y.value, Sql):
        value = _either_column(x.value, y.value)
    elif x.kind == "entity":
        classes = frozenset([*parts(x.value), *parts(y.value)])
        if len(classes) <= _MOST_CLASSES and all(isinstance(c, Class) for c in classes):
            value = next(iter(classes)) if len(classes) == 1 else Mixed(classes)
    return Element(x.kind, value, x.name if x.name == y.name else None, x.starred or y.starred)


def _either_column(x: Sql, y: Sql) -> Value:
    """A column, or an expression of columns, that is *x* or *y*."""
    if not {x.kind, y.kind} <= {"column", "expression", "aggregate"}:
        return UNKNOWN
    return Sql(
        kind=x.kind if x.kind == y.kind else "expression",
        owners=x.owners | y.owners,
        opaque=x.opaque or y.opaque,
        name=x.name if x.name == y.name else None,
        core=x.core or y.core,
        custom=x.custom or y.custom,
        covered=x.covered and y.covered,
        unhashable=x.unhashable | y.unhashable,
    )


def _join_columns(a: tuple[Element, ...], b: tuple[Element, ...]) -> tuple[Element, ...] | None:
    """Columns alone give tuples, however many there are: what only one side has stands for any number of them."""
    if any(e.kind != "column" for e in (*a, *b)):
        return None
    common = [e for e, other in zip(a, b) if not (e.starred or other.starred)]
    joined = _join_elements(a[: len(common)], b[: len(common)]) if common else ()
    return (*(joined or ()), Element("column", UNKNOWN, MORE, starred=True))
