"""Code that speaks to psycopg2 itself, through the connection of a session.

``db.connection().connection`` is what the driver gives, with cursors of its own, and ``exec_driver_sql("... %s", values)`` is in its style of placeholders. Behind
an AsyncSession stands another driver.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.colour import named
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.colours.graph import Graph

_CONNECTING: Final = frozenset({"connection", "get_bind"})
_OF_THE_DRIVER: Final = frozenset({"driver_connection", "dbapi_connection", "raw_connection"})


class Driver:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def label(self, function: FunctionFacts) -> str | None:
        """What in *function*, or in what it calls, speaks to the driver; None if nothing does."""
        if not self._speaking:
            return None
        speaking = (f for f in self._graph.reached([function]) if f in self._speaking)
        found = min(speaking, key=lambda f: f.place, default=None)
        return None if found is None else f"{named(found)}: line {found.module.source.place(self._speaking[found])[0]}"

    @cached_property
    def _speaking(self) -> dict[FunctionFacts, ast.AST]:
        words = (b"connection", b"exec_driver_sql")
        paths = frozenset(self._graph.knowledge.program.mentioning(*words))
        spoken = ((f, self._spoken(f)) for f in self._graph.sites if f.module.path in paths)
        return {f: node for f, node in spoken if node is not None}

    def _spoken(self, function: FunctionFacts) -> ast.AST | None:
        """Where *function* speaks to the driver of one of its sessions."""
        nodes = list(walk(function.node))
        sessions = self._graph.sessions(function)
        connects = any(
            isinstance(n, ast.Attribute) and n.value in sessions and n.attr in {*_CONNECTING, "bind"} for n in nodes
        )
        return next((n for n in nodes if connects and _is_spoken(n, sessions)), None)


def _is_spoken(node: ast.AST, sessions: frozenset[ast.AST]) -> bool:
    match node:
        case ast.Attribute(value=base, attr=name) if name in _OF_THE_DRIVER:
            return base not in sessions
        case ast.Attribute(value=base, attr="connection"):
            return base not in sessions
        case ast.Call(func=ast.Attribute(attr="exec_driver_sql"), args=args, keywords=keywords):
            match args:
                case [ast.Constant(value=str(text))] if not keywords:
                    return "%" in text
            return True
    return False
