"""Sync code that runs an event loop of its own, or waits for the one of another thread: ``asyncio.run(notify(user))``.

FastAPI runs a sync endpoint in a thread, where no loop runs. On the thread of a running one, in a coroutine or behind ``run_sync``, a second one cannot be
run, and who waits for the loop there waits for ever. What only asks whether a loop runs, and goes on without one, would hear that there is one.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.colour import named
from alchemove_codemods.colours.generators import own_nodes
from alchemove_codemods.facts import FunctionFacts, last_name

if TYPE_CHECKING:
    from alchemove_codemods.colours.graph import Graph

_RUNNING: Final = frozenset(
    {
        *("asyncio.run", "asyncio.Runner", "anyio.run", "trio.run", "uvloop.run", "uvicorn.run"),
        *("asgiref.sync.async_to_sync", "asyncer.syncify", "nest_asyncio.apply"),
    }
)
_METHODS: Final = frozenset({"run_until_complete", "run_forever", "async_to_sync", "start_blocking_portal"})
_ASKING: Final = frozenset(
    f"asyncio.{name}" for name in ("get_running_loop", "get_event_loop", "create_task", "ensure_future", "current_task")
)
_WAITING: Final = frozenset({"result", "exception"})
_WORDS: Final = (
    b"asyncio",
    b"anyio",
    b"async_to_sync",
    b"syncify",
    b"trio",
    b"uvloop",
    b"run_until_complete",
    b"uvicorn",
)


class OwnLoops:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def label(self, function: FunctionFacts) -> str | None:
        """What in the sync *function*, or in what it calls, has to do with a loop of its own; None if nothing has."""
        if isinstance(function.node, ast.AsyncFunctionDef) or not self._having:
            return None
        found = min(self._called(function) & self._having.keys(), key=lambda f: f.place, default=None)
        return None if found is None else f"{named(found)}: line {found.module.source.place(self._having[found])[0]}"

    def _called(self, function: FunctionFacts) -> set[FunctionFacts]:
        """*function* and the sync functions that it calls on its own thread."""
        found = {function}
        pending = [function]
        while pending:
            for site in self._graph.sites.get(pending.pop(), ()):
                called = site.targets if site.deferred is None else ()
                fresh = [t for t in called if t not in found and not isinstance(t.node, ast.AsyncFunctionDef)]
                found.update(fresh)
                pending += fresh
        return found

    @cached_property
    def _having(self) -> dict[FunctionFacts, ast.AST]:
        paths = frozenset(self._graph.knowledge.program.mentioning(*_WORDS))
        functions = (f for f in self._graph.sites if f.module.path in paths)
        nodes = ((f, self._node(f)) for f in functions if isinstance(f.node, ast.FunctionDef))
        return {f: node for f, node in nodes if node is not None}

    def _node(self, function: FunctionFacts) -> ast.AST | None:
        """Where *function* runs a loop, waits for one, or asks for one."""
        nodes = own_nodes(function.node)
        waits = any(isinstance(n, ast.Attribute) and n.attr in _WAITING for n in nodes)
        return next((n for n in nodes if self._is_such(function, n, waits=waits)), None)

    def _is_such(self, function: FunctionFacts, node: ast.AST, *, waits: bool) -> bool:
        match node:
            case ast.Attribute(value=base, attr="run" | "run_sync") if last_name(base) == "from_thread":
                return True
            case ast.Call(func=callee):
                name, called = self._graph.external(function, callee), last_name(callee)
                if called == "run_coroutine_threadsafe":
                    return waits
                return called in _METHODS or name in _RUNNING or (name in _ASKING and _is_tried(function, node))
        return False


def _is_tried(function: FunctionFacts, node: ast.AST) -> bool:
    """Whether *node* stands where *function* catches what it raises."""
    parents = function.module.source.parents
    at: ast.AST = node
    while at is not function.node:
        below, at = at, parents[at]
        if isinstance(at, ast.Try) and at.handlers and below in at.body:
            return True
    return False
