"""Sync code that runs an event loop of its own, or waits for what others do: ``asyncio.run(notify(user))``, ``event.wait()``.

FastAPI runs a sync endpoint in a thread, where no loop runs. On the thread of a running one, in a coroutine or behind ``run_sync``, a second one cannot be
run, and who waits there for the loop, or for what another request does on it, waits for ever. What only asks whether a loop runs, and goes on without one, would hear that there is one.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.colour import named
from alchemove_codemods.colours.loads.scopes import run_nodes
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.values import Instance, parts

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
_SIGNALS: Final = frozenset(
    {
        *(f"threading.{name}" for name in ("Event", "Condition", "Barrier")),
        *(f"multiprocessing.{name}" for name in ("Event", "Condition", "Barrier", "Queue")),
        *(f"queue.{name}" for name in ("Queue", "SimpleQueue", "LifoQueue", "PriorityQueue")),
        "concurrent.futures.Future",
    }
)
_RECEIVING: Final = frozenset({"wait", "wait_for", "get", "result"})
_WORDS: Final = (
    *(b"asyncio", b"anyio", b"async_to_sync", b"syncify", b"trio", b"uvloop", b"run_until_complete", b"uvicorn"),
    *(b".wait(", b".wait_for(", b".get(", b".result("),
)


class OwnLoops:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def label(self, function: FunctionFacts) -> str | None:
        """What in the sync *function*, or in what it calls, needs a thread of its own; None if nothing does."""
        found = self._reaching.get(function)
        return None if found is None else f"{named(found)}: line {found.module.source.place(self._having[found])[0]}"

    @cached_property
    def _reaching(self) -> dict[FunctionFacts, FunctionFacts]:
        """The sync functions that call one of those on their own thread, and the first in the text that they call."""
        return self._graph.leading_to(
            self._having, lambda s: s.deferred is None and not isinstance(s.function.node, ast.AsyncFunctionDef)
        )

    @cached_property
    def _having(self) -> dict[FunctionFacts, ast.AST]:
        program = self._graph.knowledge.program
        modules = (program.module(path) for path in program.mentioning(*_WORDS))
        functions = (f for m in modules if m is not None for f in m.functions.values())
        nodes = ((f, self._node(f)) for f in functions if isinstance(f.node, ast.FunctionDef))
        return {f: node for f, node in nodes if node is not None}

    def _node(self, function: FunctionFacts) -> ast.AST | None:
        """Where *function* runs a loop, waits for one or for a signal, or asks for a loop."""
        nodes = run_nodes(function)
        waits = any(isinstance(n, ast.Attribute) and n.attr in _WAITING for n in nodes)
        return next((n for n in nodes if self._is_such(function, n, waits=waits)), None)

    def _is_such(self, function: FunctionFacts, node: ast.AST, *, waits: bool) -> bool:
        match node:
            case ast.Attribute(value=base, attr="run" | "run_sync") if last_name(base) == "from_thread":
                return True
            case ast.Call(func=ast.Attribute(value=base, attr=attribute)) if attribute in _RECEIVING:
                return not _is_at_once(node) and self._is_signal(function, base)
            case ast.Call(func=callee):
                name, called = self._graph.external(function, callee), last_name(callee)
                if called == "run_coroutine_threadsafe":
                    return waits
                return called in _METHODS or name in _RUNNING or (name in _ASKING and _is_tried(function, node))
        return False

    def _is_signal(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether *node* is an event, a queue or a future of threads, which others fill."""
        found = (v.cls for v in parts(self._graph.value(function, node)) if isinstance(v, Instance))
        return any(isinstance(cls, str) and cls in _SIGNALS for cls in found)


def _is_at_once(call: ast.Call) -> bool:
    """Whether *call*, of ``get()``, does not wait: ``get(False)``, ``get(block=False)``."""
    given = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "block")]
    return any(isinstance(g, ast.Constant) and g.value is False for g in given)


def _is_tried(function: FunctionFacts, node: ast.AST) -> bool:
    """Whether *node* stands where *function* catches what it raises."""
    parents = function.module.source.parents
    at: ast.AST = node
    while at is not function.node:
        below, at = at, parents[at]
        if isinstance(at, ast.Try) and at.handlers and below in at.body:
            return True
    return False
