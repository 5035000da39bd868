"""Attributes that are read by a name that is a value: ``getattr(user, "posts")``, ``getattr(row, column.name)``, ``attrgetter("a.b")``.

Patterns read attributes by their names as well: ``case User(team=Team(name=name))``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alchemove_codemods.analysis.declared import Attribute, is_deferred
from alchemove_codemods.colours.lazy import EAGER
from alchemove_codemods.colours.loads.scopes import given
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import BOTTOM, UNKNOWN, Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.graph import Graph

_READING: Final = frozenset({"getattr", "hasattr"})
_OF_COLUMNS: Final = frozenset({"columns", "c", "column_attrs", "__table__", "__table_cls__"})
MATCHED: Final = "matched"
"""The name of a site that patterns of ``match`` read attributes of."""

_NAMED: Final = frozenset({"name", "key"})


@dataclass(frozen=True, slots=True)
class NamedRead:
    """A call that reads an attribute of ``base``: ``name`` it is, None where that is computed.

    ``columns`` says that only columns are read so; ``asking`` that it is only asked for (``hasattr()``).
    """

    base: ast.expr
    name: str | None
    columns: bool
    asking: bool


def named_read(function: FunctionFacts, node: ast.expr) -> NamedRead | None:
    """What *node* of *function* reads, if it is such a call."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[base, key, *_]) if name in _READING:
            asking = name == "hasattr"
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                return NamedRead(base, key.value, columns=False, asking=asking)
            return NamedRead(base, None, _is_of_columns(function, key), asking)
    return None


def _is_of_columns(function: FunctionFacts, key: ast.expr) -> bool:
    """Whether *key* is the name of a column: ``c.name`` or ``name``, ``for c in User.__table__.columns``."""
    if isinstance(key, ast.Attribute) and key.attr in _NAMED:
        key = key.value
    if not isinstance(key, ast.Name):
        return False
    found = given(function, function.module.source.parents, key)
    return bool(found) and all(
        g.kind == "item"
        and g.node is not None
        and any(isinstance(n, ast.Attribute) and n.attr in _OF_COLUMNS for n in walk(g.node))
        for g in found
    )


def may_load(graph: Graph, function: FunctionFacts, read: NamedRead) -> bool:
    """Whether *read*, whose name is computed, may have to load something."""
    values = list(parts(graph.value(function, read.base)))
    if isinstance(read.base, ast.Name) and not read.columns and all(v in (UNKNOWN, BOTTOM) for v in values):
        # ``value = user`` before a loop of ``value = getattr(value, part)``.
        ways = given(function, function.module.source.parents, read.base)
        values += [
            p for w in ways if w.kind == "value" and w.node is not None for p in parts(graph.value(function, w.node))
        ]
    classes = [v.cls for v in values if isinstance(v, Instance) and isinstance(v.cls, ClassFacts)]
    if any(_loads(graph, cls, read) for cls in classes):
        return True
    # What has columns is a mapped object.
    return read.columns and not classes and all(v in (UNKNOWN, BOTTOM) for v in values) and graph.leaves_out


def _loads(graph: Graph, cls: ClassFacts, read: NamedRead) -> bool:
    models = graph.knowledge.models
    for each in (cls, *models.subclasses(cls)):
        if models.is_mapped(each) and any(_matters(graph, a, name, read) for name, a in _attributes(graph, each)):
            return True
    return False


def _matters(graph: Graph, attribute: Attribute, name: str, read: NamedRead) -> bool:
    if attribute.kind == "relationship":
        return not read.columns and not read.asking and attribute.lazy not in EAGER
    return attribute.kind == "column" and may_be_left_out(graph, attribute, name, expired=not read.asking)


def may_be_left_out(graph: Graph, attribute: Attribute, name: str, *, expired: bool = True) -> bool:
    """Whether the column *attribute* may not be there when it is read: left out by a statement, or *expired*."""
    if attribute.primary_key:
        return False
    if is_deferred(attribute.node) or name in graph.narrowed or attribute.owner in graph.special.get(name, ()):
        return True
    return expired and graph.expires(attribute)


def columns_left_out(graph: Graph, cls: ClassFacts) -> tuple[str, ...] | None:
    """The columns of *cls* that may not be there when they are read; None if its objects may have those of subclasses."""
    models = graph.knowledge.models
    if any(models.is_mapped(c) for c in models.subclasses(cls)):
        return None
    return tuple(name for name, a in _attributes(graph, cls) if a.kind == "column" and may_be_left_out(graph, a, name))


def _attributes(graph: Graph, cls: ClassFacts) -> Iterator[tuple[str, Attribute]]:
    models = graph.knowledge.models
    for name in dict.fromkeys(n for a in models.ancestors(cls) for n in (*models.own(a), *models.given_later(a))):
        if (attribute := models.attribute(cls, name)) is not None:
            yield name, attribute


def getter_sites(graph: Graph, function: FunctionFacts, node: ast.Call) -> Iterator[tuple[ast.expr, str]]:
    """Where what ``attrgetter("author.name")`` makes is called, if it reads something that may have to be loaded; and that."""
    if last_name(node.func) != "attrgetter":
        return
    names = [p for a in node.args if isinstance(a, ast.Constant) for p in str(a.value).split(".")]
    name = next((n for n in names if n in graph.loading or n in graph.narrowed), None)
    if name is None:
        return
    parents = function.module.source.parents
    at: ast.expr = node
    while True:
        above = parents.get(at)
        above = parents.get(above) if isinstance(above, ast.keyword) else above
        if not isinstance(above, ast.Call):
            break
        at = above
    if at is not node:
        yield at, name


def matched(cases: list[ast.match_case]) -> Iterator[str]:
    """The attributes that the patterns of *cases* read."""
    for case in cases:
        for node in walk(case.pattern):
            if isinstance(node, ast.MatchClass):
                yield from node.kwd_attrs
