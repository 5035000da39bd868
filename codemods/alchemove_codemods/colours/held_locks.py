"""Locks of threads that are held while the database is talked to: ``with lock: user = db.get(User, 1)``.

Who waits for such a lock on the thread of an event loop stops the loop, and with it the coroutine that holds the lock and awaits the database: the application
stands still for ever. A lock that lets its own thread in again keeps nobody out there, since all coroutines run on one thread.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.colour import named
from alchemove_codemods.colours.loads.scopes import run_nodes
from alchemove_codemods.colours.methods import how
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.graph import Graph

_LOCKS: Final = frozenset(
    f"{package}.{name}"
    for package in ("threading", "multiprocessing")
    for name in ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition")
)
_NAME: Final = re.compile(r"(?<![a-z])(?:r?lock(?:s|ed)?|mutex|semaphore)(?![a-z])")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORDS: Final = (b"threading", b"multiprocessing", b"lock", b"Lock", b"mutex", b"semaphore")
_TALKING: Final = frozenset({"handed", "opened", "lazy", "query", "response"})


class HeldLocks:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def label(self, function: FunctionFacts) -> str | None:
        """What *function*, or what it calls, does with a lock in its hand; None if there is none."""
        found = self._reaching.get(function)
        return None if found is None else f"{named(found)}: line {found.module.source.place(self._holding[found])[0]}"

    @cached_property
    def _reaching(self) -> dict[FunctionFacts, FunctionFacts]:
        """The functions that call one of those, through whatever, and the first in the text that they call."""
        return self._graph.leading_to(self._holding)

    @cached_property
    def _holding(self) -> dict[FunctionFacts, ast.AST]:
        paths = frozenset(self._graph.knowledge.program.mentioning(*_WORDS))
        held = ((f, self._held(f)) for f in self._graph.talking if f.module.path in paths)
        return {f: node for f, node in held if node is not None}

    def _held(self, function: FunctionFacts) -> ast.AST | None:
        """The lock that *function* holds while it talks to the database."""
        talking = [s for s in self._graph.sites.get(function, ()) if self._talks(s)]
        for node in run_nodes(function) if talking else ():
            match node:
                case ast.With(items=items) if any(self._is_lock(function, i.context_expr) for i in items):
                    within = {n for statement in node.body for n in walk(statement)}
                    if any(s.node in within for s in talking):
                        return node
                case ast.Call(func=ast.Attribute(value=base, attr="acquire")) if self._is_lock(function, base):
                    if not isinstance(function.module.source.parents.get(node), ast.Await):
                        return node
        return None

    def _talks(self, site: Site) -> bool:
        if site.kind == "io":
            return how(site.name) != "plain"
        return site.kind in _TALKING or any(t in self._graph.talking for t in site.targets)

    def _is_lock(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether *node* is a lock of threads or processes, or something that has the name of one and of which nothing else is known."""
        target = self._graph.knowledge.calls.get(node.func) if isinstance(node, ast.Call) else None
        if target is not None and target.decorated("contextmanager"):
            return self._yields_with_a_lock(target)
        values = list(parts(self._graph.value(function, node)))
        classes = [v.cls for v in values if isinstance(v, Instance)]
        if any(isinstance(cls, str) and cls in _LOCKS for cls in classes):
            return True
        own = [cls for cls in classes if isinstance(cls, ClassFacts)]
        if own:
            entering = (self._graph.knowledge.method(cls, "__enter__") for cls in own)
            return any(m is not None and _acquires(m) for m in entering)
        return not self._graph.is_session(function, node) and _is_named_so(node)

    def _yields_with_a_lock(self, manager: FunctionFacts) -> bool:
        """Whether *manager*, a context manager of the program, holds a lock where it yields."""
        for node in run_nodes(manager):
            match node:
                case ast.With(items=items) if any(self._is_lock(manager, i.context_expr) for i in items):
                    if any(isinstance(n, ast.Yield) for n in walk(node)):
                        return True
        return _acquires(manager)


def _acquires(function: FunctionFacts) -> bool:
    called = (n.func for n in run_nodes(function) if isinstance(n, ast.Call))
    return any(isinstance(c, ast.Attribute) and c.attr == "acquire" for c in called)


def _is_named_so(node: ast.expr) -> bool:
    """Whether the last name of *node* is that of a lock: ``self._lock``, ``locks[key]``, ``FileLock(path)``."""
    at = node
    while isinstance(at, ast.Subscript):
        at = at.value
    name = last_name(at)
    if isinstance(at, ast.Call) and name in ("get", "setdefault") and isinstance(at.func, ast.Attribute):
        name = last_name(at.func.value)
    return name is not None and _NAME.search(_HUMP.sub("_", name).lower()) is not None
