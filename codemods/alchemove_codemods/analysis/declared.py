"""What the body of a class declares, read from its syntax: columns, relationships, tables and bases."""

from __future__ import annotations

import ast
import functools
import re
from typing import Literal

from alchemove_codemods.analysis import hashing
from alchemove_codemods.analysis.names import (
    DECLARATIVE_BASES,
    RELATIONSHIP_CALLS,
)
from alchemove_codemods.facts import Binding, ClassFacts, last_name
from alchemove_codemods.frozen import dataclass
from alchemove_codemods.trees import walk

Lazy = Literal["select", "joined", "selectin", "subquery", "dynamic", "write_only", "other", "unknown"]


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """One attribute of a mapped class.

    For relationships, ``target`` is the related class if it is of the program; ``collection`` is False only if the
    attribute is declared or proved to hold at most one object, ``many_to_one`` True only if it follows a foreign key of its own,
    ``joins_one`` only if each row is proved to join at most one: ``uselist=False`` alone does not see to that. One that is made
    ``by_backref`` does not exist before the mappers are configured.
    """

    kind: Literal["column", "relationship", "hybrid", "method", "other"]
    owner: ClassFacts
    node: ast.AST
    primary_key: bool = False
    unhashable: bool = False
    target: ClassFacts | None = None
    collection: bool = True
    many_to_one: bool = False
    joins_one: bool = False
    lazy: Lazy = "select"
    secondary: bool = False
    order_by: ast.expr | None = None
    by_backref: bool = False


NEUTRAL_BASES = frozenset(
    {
        "builtins.object",
        "abc.ABC",
        "typing.Generic",
        "typing.Protocol",
        "flask_login.UserMixin",
        "flask_login.mixins.UserMixin",
        "object",
        "enum.Enum",
        "flask_security.UserMixin",
        "flask_security.RoleMixin",
    }
)


COLUMNS_ONLY = frozenset(
    {
        "oslo_db.sqlalchemy.models.ModelBase",
        "oslo_db.sqlalchemy.models.SoftDeleteMixin",
        "oslo_db.sqlalchemy.models.TimestampMixin",
        "sqlalchemy.ext.asyncio.AsyncAttrs",
        "sqlalchemy_helpers.Base",
    }
)
"""Bases of libraries that add columns and methods to a model, but nothing that is loaded along with it."""


def is_relationship(cls: ClassFacts, binding: Binding) -> bool:
    """Whether the binding makes a relationship, itself or by a function under ``declared_attr``."""
    match binding.node:
        case ast.Call(func=function):
            return last_name(function) in RELATIONSHIP_CALLS
        case ast.FunctionDef(decorator_list=decorators, body=body) if decorators:
            text = cls.module.source.segment(binding.node)
            return any(name in text for name in RELATIONSHIP_CALLS) and any(
                isinstance(n, ast.Call) and last_name(n.func) in RELATIONSHIP_CALLS for s in body for n in walk(s)
            )
    return False


def is_base(name: str) -> bool:
    """Whether the foreign class *name* is a declarative base of SQLAlchemy or of a library over it."""
    last = name.rsplit(".", 1)[-1]
    top = name.split(".", 1)[0]
    return (
        (top == "sqlalchemy" and last in DECLARATIVE_BASES)
        or name
        in (
            "sqlalchemy.Base",
            "flask_sqlalchemy.Model",
            "sqlmodel.SQLModel",
            "flask_appbuilder.Model",
            "airflow.models.base.Base",
        )
        or (top in ("flask_sqlalchemy", "flask_appbuilder") and last == "Model")
        or (top == "sqlmodel" and last == "SQLModel")
    )


def is_neutral_base(name: str) -> bool:
    """Whether the foreign class *name* calls none of the methods that an application adds to its subclasses."""
    last = name.rpartition(".")[2]
    if last == "type" or last.endswith("Meta"):
        # What a metaclass defines is asked of its classes, which need not be followed there.
        return False
    return (
        name in NEUTRAL_BASES
        or is_base(name)
        or name.split(".", maxsplit=1)[0]
        in ("typing", "abc", "builtins", "pydantic", "typing_extensions", "enum", "dataclasses")
    )


def declares_table(cls: ClassFacts) -> bool:
    """Whether a SQLModel class says ``table=True``."""
    return any(
        k.arg == "table" and isinstance(k.value, ast.Constant) and k.value.value is True for k in cls.node.keywords
    )


def unsubscripted(node: ast.expr) -> ast.expr:
    """``Mapped`` for ``Mapped[X]``, ``list`` for ``list[X]``."""
    return node.value if isinstance(node, ast.Subscript) else node


def head(node: ast.expr) -> ast.expr:
    """The name outside of the brackets of an annotation, which may be a text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return head(ast.parse(node.value, mode="eval").body)
        except SyntaxError:
            return node
    return unsubscripted(node)


def innermost(node: ast.expr) -> ast.expr | None:
    """The class inside ``Mapped[Optional[List["X"]]]``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return innermost(ast.parse(node.value, mode="eval").body)
        except SyntaxError:
            return None
    if isinstance(node, ast.Subscript):
        inner = node.slice
        if isinstance(inner, ast.Tuple):
            inner = inner.elts[-1]
        return innermost(inner)
    if isinstance(node, ast.BinOp):
        return innermost(node.left)
    return node


def scalar_annotation(annotation: ast.expr | None) -> bool:
    """Whether the annotation promises one object, not a collection of them."""
    if annotation is None:
        return False
    node = annotation
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return False
    name = last_name(head(node))
    if name == "Mapped" and isinstance(node, ast.Subscript):
        return scalar_annotation(node.slice)
    if name in ("Optional", "Union") and isinstance(node, ast.Subscript):
        inner = node.slice
        return all(scalar_annotation(e) for e in (inner.elts if isinstance(inner, ast.Tuple) else [inner]))
    if isinstance(node, ast.BinOp):
        return scalar_annotation(node.left) or scalar_annotation(node.right)
    return isinstance(node, (ast.Name, ast.Attribute)) and name not in ("list", "List", "set", "Set", "Any")


def first_of(name: str, bindings: list[Binding]) -> Binding:
    """The binding that says what *name* is: ``@name.setter`` and the like only add to the property before them."""
    for binding in reversed(bindings):
        decorators = getattr(binding.node, "decorator_list", [])
        adds = any(isinstance(d, ast.Attribute) and last_name(d.value) == name for d in decorators)
        if binding.kind != "function" or not adds:
            return binding
    return bindings[-1]


def dotted_parts(node: ast.expr) -> list[str]:
    """The names of ``a.b.c``, the last one first."""
    found = []
    while isinstance(node, ast.Attribute):
        found.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        found.append(node.id)
    return found


def column(cls: ClassFacts, call: ast.Call) -> Attribute:
    """The attribute that a call of ``Column`` or ``mapped_column`` makes."""
    keyword = next((k.value for k in call.keywords if k.arg == "primary_key"), None)
    types = {last_name(n) for n in walk(call) if isinstance(n, (ast.Name, ast.Attribute))}
    return Attribute(
        "column",
        cls,
        call,
        primary_key=isinstance(keyword, ast.Constant) and keyword.value is True,
        unhashable=any(map(hashing.is_type, types)),
    )


def is_deferred(node: ast.AST) -> bool:
    """Whether statements leave the column out as long as they are not told otherwise."""
    match node:
        case ast.Call(func=function, keywords=keywords):
            said = [k.value for k in keywords if k.arg == "deferred"]
            plain = [isinstance(v, ast.Constant) and v.value is False for v in said]
            grouped = any(k.arg == "deferred_group" for k in keywords)
            return last_name(function) == "deferred" or grouped or not all(plain)
    return False


def says(cls: ClassFacts, *words: str) -> bool:
    """Whether the body of *cls*, as in ``__mapper_args__``, has one of *words*."""
    return any(
        (isinstance(n, ast.Constant) and n.value in words) or (isinstance(n, ast.keyword) and n.arg in words)
        for n in walk(cls.node)
    )


def is_special(node: ast.AST) -> bool:
    """Whether the column that *node* makes is more than a column of the table: deferred, or an expression."""
    made = last_name(node.func) if isinstance(node, ast.Call) else None
    return made in ("column_property", "query_expression") or is_deferred(node)


def is_false(node: ast.expr | None) -> bool:
    """Whether *node* is the literal False."""
    return isinstance(node, ast.Constant) and node.value is False


def lazy(node: ast.expr | None) -> Lazy:
    """The ``lazy`` that *node*, an argument of ``relationship()``, gives."""
    if node is None:
        return "select"
    if isinstance(node, ast.Constant):
        match node.value:
            case "joined" | False:
                return "joined"
            case "dynamic":
                return "dynamic"
            case "select" | "selectin" | "subquery" | "write_only" as known:
                return known
            case True:
                return "select"
            case _:
                return "other"
    return "unknown"


def lazy_in(node: ast.expr | None) -> Lazy:
    """``lazy`` inside ``sa_relationship_kwargs={...}``."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values):
            if isinstance(key, ast.Constant) and key.value == "lazy":
                return lazy(value)
            if key is None:
                return "unknown"
        return "select"
    if isinstance(node, ast.Call) and last_name(node.func) == "dict":
        return lazy(next((k.value for k in node.keywords if k.arg == "lazy"), None))
    return "unknown"


def backref_name(option: ast.expr) -> str | None:
    """The attribute that ``backref="name"`` or ``backref=backref("name", ...)`` makes."""
    node = option.args[0] if isinstance(option, ast.Call) and option.args else option
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def target_name(node: ast.expr | None) -> str | None:
    """The last name of the class that the first argument of ``relationship()`` names."""
    match node:
        case ast.Constant(value=str(text)):
            return text.rsplit(".", 1)[-1]
        case ast.Name() | ast.Attribute():
            return last_name(node)
        case ast.Lambda(body=body):
            return target_name(body)
    return None


def table_name(cls: ClassFacts) -> str | None:
    """The literal ``__tablename__`` of the class."""
    binding = cls.members.get("__tablename__")
    if binding and isinstance(binding[-1].node, ast.Constant) and isinstance(binding[-1].node.value, str):
        return binding[-1].node.value
    return None


def snake(name: str) -> str:
    """The table name that Flask-SQLAlchemy and SQLModel give a class without one."""
    return re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name).lower()


@functools.lru_cache(maxsize=1 << 16)
def foreign_tables(node: ast.AST) -> frozenset[str]:
    """The tables, or names of their classes, that the foreign keys inside of *node* name."""
    found: set[str] = set()
    for inner in walk(node):
        if isinstance(inner, ast.Call) and last_name(inner.func) == "ForeignKey" and inner.args:
            argument = inner.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                found.update(argument.value.split(".")[:-1])
            elif isinstance(argument, ast.Attribute):
                found.update(dotted_parts(argument))
        elif (
            isinstance(inner, ast.keyword)
            and inner.arg == "foreign_key"
            and isinstance(inner.value, ast.Constant)
            and isinstance(inner.value.value, str)
        ):
            found.add(inner.value.value.split(".")[0])
    return frozenset(found)


def is_unique(node: ast.AST) -> bool:
    """Whether the column that *node* makes is ``unique=True``."""
    match node:
        case ast.Call(keywords=keywords):
            return any(
                k.arg == "unique" and isinstance(k.value, ast.Constant) and k.value.value is True for k in keywords
            )
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return is_unique(value)
    return False


def compares(condition: ast.expr, target: str, key: str) -> bool:
    """Whether the ``primaryjoin`` *condition* is that ``target.key`` equals something of another class, and nothing else."""
    match condition:
        case ast.Constant(value=str(text)):
            try:
                condition = ast.parse(text.strip(), mode="eval").body
            except SyntaxError:
                return False
        case ast.Lambda(body=body):
            condition = body
    match condition:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            sides = [_side(left), _side(right)]
            return (target, key) in sides and all(side is not None for side in sides) and sides[0] != sides[1]
    return False


def _side(node: ast.expr) -> tuple[str, str] | None:
    """The class and column of ``Class.column``, perhaps within ``foreign()`` or ``remote()``."""
    match node:
        case ast.Call(func=function, args=[argument], keywords=[]) if last_name(function) in ("foreign", "remote"):
            return _side(argument)
        case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name), attr=column):
            return name, column
    return None


def column_names(node: ast.expr | None) -> set[str]:
    """The columns that *node*, an argument such as ``remote_side``, names: itself, in a list, a lambda, or a text."""
    match node:
        case ast.Constant(value=str(text)):
            return {part.split(".")[-1] for part in re.findall(r"[\w.]+", text)}
        case ast.Lambda(body=body):
            return column_names(body)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return {name for element in elements for name in column_names(element)}
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return {name}
    return set()
