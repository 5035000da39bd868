"""Objects that are given values behind a commit before anything reads them: ``db.commit(); user.active = True; db.commit()``.

A sync session does not know any more what such an object holds, and sends an UPDATE even if the value is what it was. An AsyncSession
knows it, and sends nothing. The row is the same, unless something goes by the UPDATE: a column with ``onupdate``, a version, a listener.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.bare import Bare
from alchemove_codemods.colours.candidates import from_roots
from alchemove_codemods.colours.columns import options
from alchemove_codemods.colours.loads.passing import passed
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.payloads import Payloads
from alchemove_codemods.facts import ClassFacts, FunctionFacts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_LISTENING: Final = (b"version_id_col", b"before_update", b"after_update", b"before_flush", b"after_flush")
_ON_UPDATE: Final = frozenset({"onupdate", "server_onupdate"})


class Overwritten:
    """Answers for one program."""

    def __init__(self, colours: Colours, bare: Bare, payloads: Payloads) -> None:
        self._colours = colours
        self._graph = colours.graph
        self._bare = bare
        self._payloads = payloads
        self._watched: dict[ClassFacts, bool] = {}

    @cached_property
    def found(self) -> dict[FunctionFacts, ast.expr]:
        """The functions that overwrite an object so, each with the first expression that is the object."""
        found: dict[FunctionFacts, ast.expr] = {}
        if not self._colours.behind.expires:
            return found
        for function in sorted({*from_roots(self._colours), *self._colours.roots.endpoints}, key=lambda f: f.place):
            for node in self.watched(function):
                if self._bare.is_left(function, node, node):
                    provider = self._bare.provider(function, node)
                    found.setdefault(provider or function, node)
        return found

    def watched(self, function: FunctionFacts) -> Iterator[ast.Name]:
        """The names in *function* of which an attribute is assigned, and somebody can tell whether that sends an UPDATE.

        It is assigned here, or in what they are given to, in a statement that does not read them.
        """
        return (name for name in self._overwritten(function) if self._is_watched(function, name))

    def _overwritten(self, function: FunctionFacts) -> Iterator[ast.Name]:
        for node in own_nodes(function):
            names = [name for name in (_assigned(node),) if name is not None and self._is_column(function, node)]
            if isinstance(node, ast.Call):
                names += self._assigned_in(function, node)
            for name in names:
                statement = function.module.source.statement_around(name)
                if (
                    statement is not None
                    and not isinstance(statement, ast.AugAssign)
                    and not self._bare.reads(function, statement, name.id)
                ):
                    yield name

    def _assigned_in(self, function: FunctionFacts, call: ast.Call) -> Iterator[ast.Name]:
        """What *call* is given and has an attribute assigned to first."""
        for site in self._graph.sites.get(function, ()):
            for target in site.targets if site.node is call and site.kind == "call" else ():
                for name in self._parameters.get(target, ()):
                    given = passed(target, name, call)
                    if isinstance(given, ast.Name):
                        yield given

    @cached_property
    def _parameters(self) -> dict[FunctionFacts, frozenset[str]]:
        """The parameters that functions assign an attribute of before they read one."""
        found: dict[FunctionFacts, frozenset[str]] = {}
        for function in from_roots(self._colours):
            names = {p.arg for p in function.parameters}
            nodes = sorted(
                (n for n in own_nodes(function) if isinstance(n, (ast.Attribute, ast.Call))),
                key=lambda n: (n.lineno, n.col_offset),
            )
            assigned: dict[str, bool] = {}
            for node in nodes:
                if (name := _assigned(node)) is not None:
                    assigned.setdefault(name.id, True)
                elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    assigned.setdefault(node.value.id, False)
            if written := frozenset(n for n, first in assigned.items() if first and n in names):
                found[function] = written
        return found

    def _is_column(self, function: FunctionFacts, node: ast.AST) -> bool:
        """Whether what *node* assigns may be a column."""
        models = self._graph.knowledge.models
        match node:
            case ast.Attribute(value=base, attr=name):
                found = [models.attribute(c, name) for c in self._graph.classes(function, base)]
                return any(a is not None and a.kind == "column" for a in found)
        return True

    def _is_watched(self, function: FunctionFacts, node: ast.Name) -> bool:
        """Whether somebody can tell that an object like *node* was updated."""
        return any(map(self._has_watchers, self._graph.mapped(function, node)))

    def _has_watchers(self, cls: ClassFacts) -> bool:
        if cls not in self._watched:
            columns = self._payloads.columns(cls).values()
            self._watched[cls] = bool(self._graph.knowledge.program.mentioning(*_LISTENING)) or any(
                name in _ON_UPDATE for column in columns for name, _ in options(column.node)
            )
        return self._watched[cls]


def _assigned(node: ast.AST) -> ast.Name | None:
    """The object that *node* assigns an attribute of."""
    match node:
        case ast.Attribute(value=ast.Name() as name, ctx=ast.Store()):
            return name
        case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name() as name, *_]):
            return name
    return None
