"""Context variables: what sets one in a thread is seen by nobody else, what sets one on the event loop by all that follows in the request."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.colour import named
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.graph import Graph

_VARIABLE = "contextvars.ContextVar"
_SETTING = frozenset({"set", "bind_contextvars", "set_tag", "set_user"})
"""Methods of context variables, structlog and Sentry by which a request is known to what comes later."""


def may_set_a_context(node: ast.AST) -> bool:
    """Whether something in *node* may set a context variable."""
    called = (n.func for n in walk(node) if isinstance(n, ast.Call))
    return any(isinstance(c, ast.Attribute) and c.attr in _SETTING for c in called)


class Contexts:
    """What is set for one thread or one context, in one program, whose *dependencies* FastAPI runs in threads of their own."""

    def __init__(self, graph: Graph, dependencies: frozenset[FunctionFacts]) -> None:
        self._graph = graph
        self._dependencies = dependencies

    def label(self, function: FunctionFacts) -> str | None:
        """What *function*, or what it calls, sets that others would see on the event loop; None if it sets nothing of the kind."""
        if not self._setting or isinstance(function.node, ast.AsyncFunctionDef):
            return None
        reached = self._graph.reached([function])
        found = [f for f in reached if f in self._setting and (function in self._dependencies or self._setting[f])]
        first = min(found, key=lambda f: f.place, default=None)
        return None if first is None else f"{named(first)} in {first.module.path}"

    @cached_property
    def _setting(self) -> dict[FunctionFacts, bool]:
        """The functions that set something, and whether it is for the thread."""
        program = self._graph.knowledge.program
        paths = frozenset(program.mentioning(b"ContextVar", b"threading", *(n.encode() for n in self._locals)))
        variables = bool(program.mentioning(b"ContextVar"))
        found: dict[FunctionFacts, bool] = {}
        for function in self._graph.sites if variables or self._locals else ():
            for node in own_nodes(function):
                match node:
                    case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store()) if (
                        name in self._locals and function.module.path in paths
                    ):
                        found[function] = True
                    case ast.Call(func=ast.Attribute(value=base, attr="set")) if variables:
                        values = parts(self._graph.value(function, base))
                        if any(isinstance(v, Instance) and v.cls == _VARIABLE for v in values):
                            found.setdefault(function, False)
        return found

    @cached_property
    def _locals(self) -> frozenset[str]:
        """The names of what modules keep for each thread: ``state = threading.local()``."""
        program = self._graph.knowledge.program
        return frozenset(
            target.id
            for path in program.mentioning(b"threading")
            if (module := program.module(path)) is not None
            for node in module.source.tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and last_name(node.value.func) == "local"
            for target in node.targets
            if isinstance(target, ast.Name)
        )
