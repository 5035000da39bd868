"""What an annotation says about a value."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import query_classes
from alchemove_codemods.analysis.names import ORM_PACKAGES
from alchemove_codemods.facts import Binding, ClassFacts, ModuleFacts, last_name
from alchemove_codemods.joining import join
from alchemove_codemods.trees import walk
from alchemove_codemods.values import (
    NOTHING,
    PLAIN,
    SOME_CLASS,
    TEXT,
    UNKNOWN,
    Class,
    Executor,
    External,
    Flavour,
    Instance,
    Plain,
    Session,
    Value,
)

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_PLAIN_TYPES = frozenset(
    {
        "int",
        "str",
        "float",
        "bool",
        "bytes",
        "UUID",
        "datetime",
        "date",
        "Decimal",
        "time",
        "timedelta",
        "Path",
        "complex",
        "EmailStr",
        "UUID4",
    }
)
_EXECUTORS = frozenset(
    f"{module}.{name}"
    for module in ("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.engine.base", "sqlalchemy.future")
    for name in ("Connection", "Engine")
)
_COLLECTIONS = frozenset(
    {
        "list",
        "List",
        "Sequence",
        "Iterable",
        "Iterator",
        "set",
        "Set",
        "frozenset",
        "FrozenSet",
        "Collection",
        "Generator",
    }
)
_MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "DefaultDict", "OrderedDict"})


def annotated(knowledge: Knowledge, module: ModuleFacts, node: ast.expr | None, cls: ClassFacts | None) -> Value | None:
    """The value that the annotation *node* promises, None if it says nothing that matters.

    ``Annotated``, ``Optional`` and string annotations are looked through.
    """
    match node:
        case None:
            return None
        case ast.Constant(value=None):
            return NOTHING
        case ast.Constant(value=str(text)):
            try:
                return annotated(knowledge, module, ast.parse(text.strip(), mode="eval").body, cls)
            except (SyntaxError, ValueError):
                return None
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union(knowledge, module, [left, right], cls)
        case ast.Subscript(value=head, slice=inner):
            return _subscript(knowledge, module, head, inner, cls)
        case ast.Name() | ast.Attribute():
            if (alias := _alias(knowledge, module, node)) is not None:
                return annotated(knowledge, *alias, None)
            value = knowledge.static(module, node, cls)
            if value == External("sqlalchemy.orm.session"):
                return Session("orm", "annotation")  # the module is named, and its class is meant
            if isinstance(value, External) and "." not in value.name:
                return None  # ``db: sa = None``: a module is no type
            return of_factory(value) or instance_of(knowledge, value, node)
    return None


def of_factory(value: Value) -> Session | None:
    """The session that ``db: SessionLocal`` means, where the factory *value* stands in the place of a class."""
    match value:
        case Session(flavour=flavour, query_class=custom) if flavour != "flask":
            return Session(flavour, "annotation", custom)
        case Instance(cls="sqlalchemy.orm.sessionmaker"):
            return Session("orm", "annotation")
    return None


def _alias(
    knowledge: Knowledge, module: ModuleFacts, node: ast.Name | ast.Attribute
) -> tuple[ModuleFacts, ast.Subscript] | None:
    """What the global *node* stands for if that is an ``Annotated[...]``, and the module it is written in."""
    origin = knowledge.program.origin_of(module, node)
    source = knowledge.program.module(origin[0]) if origin is not None and origin[0] in knowledge.program.raw else None
    bindings = source.bindings.get(origin[1], []) if source is not None and origin is not None else []
    match bindings:
        case [Binding(kind="value", node=ast.Subscript(value=head) as made)] if last_name(head) == "Annotated":
            return (source, made) if source is not None else None
    return None


def _union(knowledge: Knowledge, module: ModuleFacts, nodes: list[ast.expr], cls: ClassFacts | None) -> Value | None:
    joined: Value | None = None
    for node in nodes:
        value = annotated(knowledge, module, node, cls)
        if value is None:
            return None
        joined = value if joined is None else join(joined, value)
    return joined


def _subscript(
    knowledge: Knowledge, module: ModuleFacts, head: ast.expr, inner: ast.expr, cls: ClassFacts | None
) -> Value | None:
    name = last_name(head)
    items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name in ("Annotated", "Final", "ClassVar", "Required", "NotRequired"):
        return annotated(knowledge, module, items[0], cls)
    if name == "Optional":
        return _union(knowledge, module, [items[0], ast.Constant(value=None)], cls)
    if name == "Union":
        return _union(knowledge, module, list(items), cls)
    if name in ("Type", "type"):
        value = annotated_class(knowledge, module, items[0], cls)
        return value if value is not None else SOME_CLASS
    if name in _COLLECTIONS:
        of = annotated(knowledge, module, items[0], cls)
        if of is None and _may_be_anything(knowledge, module, items[0], cls):
            of = UNKNOWN
        return Plain(of) if of is not None else PLAIN
    if name in _MAPPINGS:
        return PLAIN
    if name in ("scoped_session", "sessionmaker", "Session"):
        return annotated(knowledge, module, head, cls)
    if name == "Literal":
        return PLAIN
    value = knowledge.static(module, head, cls)
    return instance_of(knowledge, value, head) if isinstance(value, Class) else None


def _may_be_anything(knowledge: Knowledge, module: ModuleFacts, node: ast.expr, cls: ClassFacts | None) -> bool:
    """Whether *node* stands for whatever it is used with: a ``TypeVar``, or ``Any``."""
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return False
    value = knowledge.static(module, node, cls)
    return value == UNKNOWN or (isinstance(value, External) and value.last in ("Any", "object"))


def annotated_class(knowledge: Knowledge, module: ModuleFacts, node: ast.expr, cls: ClassFacts | None) -> Value | None:
    """The class that ``Type[node]`` stands for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return None
    value = knowledge.static(module, node, cls)
    return Class(value.facts, some=True) if isinstance(value, Class) else None


def instance_of(knowledge: Knowledge, value: Value, node: ast.expr | None = None) -> Value | None:
    """What an object of the class *value* is."""
    match value:
        case Class(facts=facts):
            flavour = session_flavour(knowledge, value)
            return (
                Session(flavour, "annotation", query_classes.of_session_class(knowledge, facts))
                if flavour
                else Instance(facts)
            )
        case External(name=name, last=last):
            flavour = session_flavour(knowledge, value)
            if flavour:
                return Session(flavour, "annotation")
            if name == "builtins.str":
                return TEXT
            if last in _PLAIN_TYPES:
                return PLAIN
            if name in _EXECUTORS:
                return Executor("engine" if last == "Engine" else "connection")
            if last in _COLLECTIONS or last in _MAPPINGS:
                return PLAIN
            if last in ("Any", "object") or (last in ("Query", "BaseQuery") and value.top in ORM_PACKAGES):
                # Which query it is, is known from what is passed or returned only.
                return None
            return Instance(name)
    return None


def means_what_is_entered(knowledge: Knowledge, value: Value, name: str, function: ast.AST) -> bool:
    """Whether *value*, that of the annotation of the parameter *name*, cannot be meant: its class is good for ``with`` only, and *function* enters no block.

    ``def names(session: DBSession)`` is then given what ``with DBSession() as session`` binds.
    """
    if not isinstance(value, Instance) or not isinstance(value.cls, ClassFacts):
        return False
    members = {m for ancestor in knowledge.models.ancestors(value.cls) for m in ancestor.members}
    return (
        "__enter__" in members
        and "__getattr__" not in members
        and all(m.startswith("__") for m in members)
        and all(isinstance(c, ClassFacts) or c == "builtins.object" for c in knowledge.models.lineage(value.cls))
        and not any(isinstance(e, ast.Name) and e.id == name for e in _entered(function))
    )


def _entered(function: ast.AST) -> Iterator[ast.expr]:
    """What *function* enters as a block."""
    for node in walk(function):
        match node:
            case ast.With(items=items):
                yield from (item.context_expr for item in items)
            case ast.Call(func=ast.Attribute(attr="enter_context" | "__enter__" as called, value=of), args=arguments):
                yield from [of] if called == "__enter__" else arguments


def session_flavour(knowledge: Knowledge, value: Value) -> Flavour | None:
    """Which kind of session the class *value* makes, None if it is no session class."""
    match value:
        case External(last=last, top=top) if top in ORM_PACKAGES:
            if last in ("AsyncSession", "async_scoped_session"):
                return "async"
            if last in ("Session", "SignallingSession", "SignalTrackingSession"):
                return "sqlmodel" if top == "sqlmodel" else "orm"
            if last == "scoped_session":
                return "scoped"
            return None
        case Class(facts=facts):
            for ancestor in knowledge.models.lineage(facts):
                if isinstance(ancestor, str):
                    flavour = session_flavour(knowledge, External(ancestor))
                    if flavour:
                        return flavour
    return None
