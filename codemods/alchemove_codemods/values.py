"""What an expression can be: the abstract values that flow through a program.

``BOTTOM`` means that nothing has reached a place yet, ``UNKNOWN`` that anything may; every other value is proved.
Values are immutable and compare by content, so that the interpreter can tell when nothing changes any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from alchemove_codemods.frozen import dataclass, replace
from alchemove_codemods.in_session import COMMITTED, ELSEWHERE, InSession, weaker
from alchemove_codemods.query_kinds import QueryClass, together

if TYPE_CHECKING:
    import ast

    from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts


@dataclass(frozen=True, slots=True)
class Value:
    """Any abstract value."""


@dataclass(frozen=True, slots=True)
class Bottom(Value):
    """Nothing has reached this place yet."""


@dataclass(frozen=True, slots=True)
class Unknown(Value):
    """Could be anything."""


@dataclass(frozen=True, slots=True)
class Brought(Unknown):
    """What the parameter ``name`` of ``function`` may bring beside queries, and what comes of it; ``select`` says a ``select()``."""

    function: FunctionFacts
    name: str
    select: bool = False


@dataclass(frozen=True, slots=True)
class Nothing(Value):
    """``None``."""


@dataclass(frozen=True, slots=True)
class Plain(Value):
    """A plain Python value: neither SQL nor a session nor a query. ``of`` is the value of its items, if known.

    ``literal`` is the value of a number, string or boolean that is known.
    """

    of: Value | None = None
    literal: object = None
    parts: tuple[Value, ...] | None = None


@dataclass(frozen=True, slots=True)
class Text(Plain):
    """A string whose characters are not known."""


@dataclass(frozen=True, slots=True)
class Executor(Value):
    """An engine or a connection of SQLAlchemy (not an asynchronous one)."""

    kind: Literal["engine", "connection"]


@dataclass(frozen=True, slots=True)
class Result(Value):
    """What ``execute()`` gave; ``legacy`` says that the call has a form that exists before 2.0 only."""

    legacy: bool = False


@dataclass(frozen=True, slots=True)
class ResultRow(Value):
    """A row of a :class:`Result`."""

    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Module(Value):
    """A module of the program."""

    facts: ModuleFacts


@dataclass(frozen=True, slots=True)
class Dict(Value):
    """A dictionary whose values are ``of``."""

    of: Value


@dataclass(frozen=True, slots=True)
class External(Value):
    """Something outside the program, by its dotted name: ``sqlalchemy.orm.Session``."""

    name: str

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rsplit(".", 1)[-1]

    @property
    def top(self) -> str:
        """The first part of the name."""
        return self.name.split(".", 1)[0]


@dataclass(frozen=True, slots=True)
class Class(Value):
    """A class of the program, used as a value; ``some`` says that it may be a subclass (``type(self)``, ``Type[M]``)."""

    facts: ClassFacts
    some: bool = False


@dataclass(frozen=True, slots=True)
class Instance(Value):
    """An object of a class; ``stored`` says that it came from the database (it is persistent).

    ``made`` is the place that makes the object where it is followed which one it is, and 0 elsewhere. ``in_session`` says how far an
    object that did not come from the database has come in a session; it is followed where a dynamic relationship asks for it.
    """

    cls: ClassFacts | str
    stored: bool = False
    made: int = 0
    in_session: InSession | None = None


@dataclass(frozen=True, slots=True)
class Function(Value):
    """A function of the program, bound to ``receiver`` where it was taken from an instance or class."""

    facts: FunctionFacts
    receiver: Value | None = None


Flavour = Literal["orm", "scoped", "async", "sqlmodel", "flask"]


@dataclass(frozen=True, slots=True)
class Session(Value):
    """A session, by kind; ``query_class`` is one that its ``sessionmaker`` was given (a custom one changes behaviour)."""

    flavour: Flavour = "orm"
    proof: str = "inferred"
    query_class: QueryClass = None


@dataclass(frozen=True, slots=True)
class Entity(Value):
    """An alias of a mapped class (``aliased(User)``), known by the place that made it; ``model`` is None if unknown."""

    model: ClassFacts | None
    made: int
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Sql(Value):
    """A SQL expression. ``kind`` says what a row gets from it.

    ``custom`` says that there is an operator in it that only the database can evaluate.
    ``core`` says that a statement with it, and nothing of the ORM, is one of Core; ``covered`` that there is
    something of the ORM in it all the same, below an operator that hides it (``and_()``, ``exists().where()``).
    ``owners`` are the entities it refers to; ``opaque`` says that it may refer to others as well. ``name`` is the
    key it has in a row, None where it has none. ``unhashable`` is explained in ``analysis.hashing``.
    """

    kind: Literal[
        "column",
        "relationship",
        "expression",
        "aggregate",
        "bundle",
        "bundle-entity",
        "table",
        "select",
        "text",
        "option",
        "exists",
    ]
    owners: frozenset[Value] = frozenset()
    opaque: bool = False
    name: str | None = None
    target: Value | None = None
    core: bool = False
    source: Value | None = None
    custom: bool = False
    covered: bool = False
    unhashable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Element:
    """One element of what a query selects: an entity, or something that is a column of the row.

    ``entity`` is None where the class is proved to be one, but unknown; ``starred`` stands for any number of columns.
    """

    kind: Literal["entity", "column", "bundle", "bundle-entity", "unknown"]
    value: Value
    name: str | None = None
    starred: bool = False


MORE = "*"
"""The name of what stands for the columns that only some of several queries select."""


class Component:
    """A set of sites that convert together or not at all; a node of a union-find forest."""

    __slots__ = ("_parent", "number")
    _count = 0

    def __init__(self) -> None:
        Component._count += 1
        self.number = Component._count
        self._parent: Component | None = None

    def find(self) -> Component:
        """The representative."""
        root = self
        while root._parent is not None:
            root = root._parent
        node = self
        while node._parent is not None and node._parent is not root:
            node._parent, node = root, node._parent
        return root

    def unite(self, other: Component) -> None:
        """Tie this component to *other*."""
        mine, theirs = self.find(), other.find()
        if mine is not theirs:
            if mine.number > theirs.number:
                mine, theirs = theirs, mine
            theirs._parent = mine


@dataclass(frozen=True, slots=True)
class Held:
    """How to write a session at another place: the expression ``text`` whose names belong to ``frame``.

    ``root`` is the first name of ``text``; ``frame`` is the function that binds it, or None for a name of ``module``.
    ``carried`` says that ``frame`` has no name for it: it is the session of the query that its parameter ``root`` brings.
    ``home`` is the file that binds a global one, and the expression there: whatever has the same home is the same session.
    """

    text: str = field(compare=False)
    root: str = field(compare=False)
    frame: FunctionFacts | None
    module: ModuleFacts | None = field(default=None, compare=False)
    carried: bool = False
    home: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        if not self.home[1]:
            object.__setattr__(self, "home", (self.module.path if self.module else "", self.text or self.root))


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a query at one point.

    ``elements`` is None where unknown. ``may`` holds what can have happened to it, ``must`` what has happened on all
    paths. ``last`` is the entity that ``filter_by`` binds to after a join (None before any join, UNKNOWN if not known).
    ``froms`` are the entities in FROM, ``criteria`` those that criteria refer to.
    """

    elements: tuple[Element, ...] | None
    may: frozenset[str] = frozenset()
    must: frozenset[str] = frozenset()
    last: Value | None = None
    froms: frozenset[Value] = frozenset()
    criteria: frozenset[Value] = frozenset()

    def with_(self, *steps: str, **changes: object) -> State:
        """This state after *steps* and *changes*."""
        named = frozenset(steps)
        return replace(self, may=self.may | named, must=self.must | named, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Passed:
    """The parameter ``name`` of ``function`` that brought a query, and what was done to it ``since``.

    ``since`` is relative: its elements are those that were added, and its ``last`` is None where nothing was joined.
    """

    function: FunctionFacts
    name: str
    since: State


@dataclass(frozen=True, slots=True)
class Query(Value):
    """A legacy Query. ``held`` is how its session is written, None where it cannot be carried along.

    ``passed`` says which parameter it came in by, if it is that on all paths.
    """

    state: State
    held: Held | None = None
    flavour: Flavour = "orm"
    query_class: QueryClass = None
    component: Component = field(default_factory=Component, compare=False)
    passed: Passed | None = None


@dataclass(frozen=True, slots=True)
class Row(Value):
    """A row of several elements, or of columns, that a query gave."""

    elements: tuple[Element, ...] | None
    component: Component = field(default_factory=Component, compare=False)
    modern: bool = False


@dataclass(frozen=True, slots=True)
class Paginated(Value):
    """Flask-SQLAlchemy's pagination of a query, whose class changes with the query."""

    component: Component = field(default_factory=Component, compare=False)


@dataclass(frozen=True, slots=True)
class Rows(Value):
    """What running a modern ``select()`` gave: objects ``of`` a mapped class, each ``wrapped`` in a row or not."""

    of: Value
    wrapped: bool = False


@dataclass(frozen=True, slots=True)
class Mixed(Value):
    """Several possibilities that have no common description."""

    values: frozenset[Value]


BOTTOM = Bottom()
UNKNOWN = Unknown()
NOTHING = Nothing()
PLAIN = Plain()
TEXT = Text()
SOME_CLASS = Entity(None, -1)
"""A class of which nothing more is known: what ``Type[T]`` annotates."""


_WITH_QUERIES = (Query, Mixed)


def may_be(value: Value, kind: type[Value]) -> bool:
    """Whether *value* is of *kind* (a class without subclasses), or one of its possibilities is."""
    return value.__class__ is kind or (isinstance(value, Mixed) and any(v.__class__ is kind for v in value.values))


def parts(value: Value) -> Iterable[Value]:
    """The possibilities of *value*."""
    return value.values if isinstance(value, Mixed) else (value,)


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


def certain(value: Value) -> Iterable[Value]:
    """The possibilities of *value* but None; UNKNOWN if there is no other."""
    if isinstance(value, Mixed):
        return [v for v in value.values if v.__class__ is not Nothing] or (UNKNOWN,)
    return (UNKNOWN,) if value.__class__ is Nothing else (value,)


def is_text(value: Value) -> bool:
    """Whether *value* is proved to be a string."""
    if isinstance(value, Mixed):
        return all(is_text(v) for v in value.values)
    return isinstance(value, Text) or (isinstance(value, Plain) and isinstance(value.literal, str))


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
    return Plain(of)


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
        joined.append(
            x if x == y else Element(x.kind, UNKNOWN, x.name if x.name == y.name else None, x.starred or y.starred)
        )
    return tuple(joined)


def _join_columns(a: tuple[Element, ...], b: tuple[Element, ...]) -> tuple[Element, ...] | None:
    """Columns alone give tuples, however many there are: what only one side has stands for any number of them."""
    if any(e.kind != "column" for e in (*a, *b)):
        return None
    common = [e for e, other in zip(a, b) if not (e.starred or other.starred)]
    joined = _join_elements(a[: len(common)], b[: len(common)]) if common else ()
    return (*(joined or ()), Element("column", UNKNOWN, MORE, starred=True))


def queries_in(value: Value | None) -> list[Query]:
    """The queries that *value* can be or hold."""
    # By class and not by pattern: this is asked of nearly every value there is.
    kind = value.__class__
    if kind is Query:
        return [value]  # type: ignore[list-item]
    if kind is Mixed:
        return [q for v in value.values for q in queries_in(v)]  # type: ignore[union-attr]
    if kind is Plain:
        of, pieces = value.of, value.parts  # type: ignore[union-attr]
        if of is None and pieces is None:
            return []
        return [*queries_in(of), *(q for p in pieces or () for q in queries_in(p))]
    return []


def place_of(node: ast.AST) -> int:
    """A number that identifies the place of *node* for the length of a run."""
    return id(node)
