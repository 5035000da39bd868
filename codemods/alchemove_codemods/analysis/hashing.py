"""Which columns give values that cannot be hashed: lists and dictionaries.

Query takes such a value by its identity when it de-duplicates rows, ``Result.unique()`` raises
(``sqlalchemy.orm.loading.instances``). :attr:`Sql.unhashable` holds the names of such columns; of an expression that is one
column itself, any name says that it is one.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from alchemove_codemods.facts import last_name
from alchemove_codemods.frozen import replace
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Element, Entity, Sql, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.declared import Attribute
    from alchemove_codemods.analysis.models import Models

ITSELF = frozenset({""})
# A name of one's own, such as ``JsonType``, is mostly made of the type it is called after.
_TYPE = re.compile(r"json|array|hstore|pickle|mutable(dict|list|set)", re.IGNORECASE)
_FUNCTION = re.compile(
    r"json(?!b?_(typeof|array_length|valid))|array(?!_(to_string|length|position|upper|lower|ndims))|hstore|^row$|string_to_table"
    r"|regexp_(match|matches|split)|unnest|enum_range|tsvector",
    re.IGNORECASE,
)
# Functions that give the type of their arguments.
_SAME_TYPE = frozenset({"coalesce", "max", "min", "sum", "nullif", "ifnull", "greatest", "least", "any_value", "case"})
_TEXTS = frozenset({"astext", "as_string", "as_integer", "as_float", "as_boolean", "as_numeric"})


def is_type(name: str | None) -> bool:
    """Whether a column of the type *name* may hold values that cannot be hashed."""
    return name is not None and _TYPE.search(name) is not None


def of_column(column: Attribute) -> frozenset[str]:
    """The mark of a mapped column."""
    return ITSELF if column.unhashable else frozenset()


def of_function(name: str, arguments: list[Value]) -> frozenset[str]:
    """The mark of a call of the SQL function *name*."""
    if _FUNCTION.search(name):
        return ITSELF
    return of_operands(arguments) if name in _SAME_TYPE else frozenset()


def of_cast(node: ast.Call) -> frozenset[str]:
    """The mark of ``cast(x, JSON)`` and ``type_coerce(x, JSON)``."""
    types = [*node.args[1:], *(k.value for k in node.keywords)]
    return ITSELF if _names_type(types) else frozenset()


def of_table(node: ast.Call) -> frozenset[str]:
    """The columns of ``Table("name", metadata, Column("name", JSON), ...)``."""
    columns = [a for a in node.args if isinstance(a, ast.Call) and last_name(a.func) == "Column" and len(a.args) > 1]
    return frozenset(
        name.value
        for column in columns
        if isinstance(name := column.args[0], ast.Constant)
        and isinstance(name.value, str)
        and _names_type(column.args[1:])
    )


def _names_type(nodes: list[ast.expr]) -> bool:
    names = [n for node in nodes for n in walk(node) if isinstance(n, (ast.Name, ast.Attribute))]
    return any(is_type(last_name(n)) for n in names)


def of_operands(values: list[Value]) -> frozenset[str]:
    """The mark of what has the type of *values*."""
    return ITSELF if any(isinstance(p, Sql) and p.unhashable for v in values for p in parts(v)) else frozenset()


def of_attribute(value: Sql, name: str) -> frozenset[str]:
    """The mark of ``value.name``: a column of a table, or an accessor of an expression."""
    if value.kind in ("table", "select"):
        return ITSELF if {name, ""} & value.unhashable else frozenset()
    return frozenset() if name in _TEXTS else value.unhashable


def of_elements(models: Models, elements: tuple[Element, ...] | None) -> frozenset[str]:
    """The columns of a subquery that selects *elements*."""
    found: set[str] = set()
    for element in elements or ():
        match element.value:
            case Class(facts=cls) | Entity(model=cls) if cls is not None:
                for ancestor in models.ancestors(cls):
                    attributes = {**models.own(ancestor), **models.given_later(ancestor)}
                    found.update(name for name, attribute in attributes.items() if attribute.unhashable)
            case Sql(kind="table" | "select", unhashable=names):
                found |= names
            case Sql(unhashable=names) if names:
                found.add(element.name or "")
    return frozenset(found)


def marked(value: Value, names: frozenset[str]) -> Value:
    """*value* with *names* added to what it cannot hash."""
    return replace(value, unhashable=value.unhashable | names) if names and isinstance(value, Sql) else value
