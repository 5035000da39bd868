"""What an expression can be: the abstract values that flow through a program.

``BOTTOM`` means that nothing has reached a place yet, ``UNKNOWN`` that anything may; every other value is proved.
Values are immutable and compare by content, so that the interpreter can tell when nothing changes any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from alchemove_codemods.frozen import dataclass, replace
from alchemove_codemods.in_session import InSession
from alchemove_codemods.query_kinds import QueryClass

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
    ``named`` says that ``root`` is the name that it gets there, which the source does not have.
    ``home`` is the file that binds a global one, and the expression there: whatever has the same home is the same session.
    """

    text: str = field(compare=False)
    root: str = field(compare=False)
    frame: FunctionFacts | None
    module: ModuleFacts | None = field(default=None, compare=False)
    carried: bool = False
    named: bool = False
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


def may_be(value: Value, kind: type[Value]) -> bool:
    """Whether *value* is of *kind* (a class without subclasses), or one of its possibilities is."""
    return value.__class__ is kind or (isinstance(value, Mixed) and any(v.__class__ is kind for v in value.values))


def parts(value: Value) -> Iterable[Value]:
    """The possibilities of *value*."""
    return value.values if isinstance(value, Mixed) else (value,)


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
