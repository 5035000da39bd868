"""One session in several tasks at a time, which neither a Session nor an AsyncSession can be used by."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.trees import children, walk
from alchemove_codemods.values import Session, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours
    from alchemove_codemods.colours.graph import Graph

GATHERING = frozenset({"gather", "wait", "as_completed"})
_STARTING = frozenset({"create_task", "ensure_future", "start_soon", "run_coroutine_threadsafe"})
_ONE_BY_ONE = frozenset({"wait_for", "shield"})
_ANY = re.compile(rf"\b(?:{'|'.join(sorted(GATHERING | _STARTING))})\b")
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True, slots=True, eq=False)
class SharedSession:
    """A call that starts tasks which use one session, written ``session``, at the same time."""

    function: FunctionFacts
    node: ast.Call
    session: str


def shared_sessions(colours: Colours) -> Iterator[SharedSession]:
    """The calls in coroutines that hand one session to several tasks."""
    starting: dict[ModuleFacts, bool] = {}
    for function in colours.knowledge.observed:
        if isinstance(function.node, ast.AsyncFunctionDef) or function in colours.coroutines:
            module = function.module
            if module not in starting:
                starting[module] = _ANY.search(module.source.text) is not None
            if starting[module]:
                yield from _in(colours, function)


def unawaited(graph: Graph, function: FunctionFacts) -> Iterator[tuple[ast.Call, bool]]:
    """The coroutines that *function* makes and does not await on the spot, and whether it makes several there."""
    parents = function.module.source.parents
    for call, repeated in _calls(function.node):
        target = graph.knowledge.calls.get(call.func)
        if target is None or not isinstance(target.node, ast.AsyncFunctionDef):
            continue
        around = parents.get(call)
        if isinstance(around, ast.Call) and last_name(around.func) in _ONE_BY_ONE:
            around = parents.get(around)
        if not isinstance(around, (ast.Await, ast.AsyncFor, ast.comprehension, ast.withitem)):
            yield call, repeated


def _in(colours: Colours, function: FunctionFacts) -> Iterator[SharedSession]:
    started: Counter[str] = Counter()
    for node, repeated in _calls(function.node):
        name = last_name(node.func)
        if name in GATHERING:
            uses: Counter[str] = Counter()
            for argument in node.args:
                inner = argument.value if isinstance(argument, ast.Starred) else argument
                many = isinstance(inner, _COMPREHENSIONS)
                for session in _sessions(colours, function, inner):
                    uses[session] += 2 if many else 1
            yield from (SharedSession(function, node, s) for s, count in uses.items() if count > 1)
        elif name in _STARTING:
            for session in {s for argument in node.args for s in _sessions(colours, function, argument)}:
                started[session] += 2 if repeated else 1
                if started[session] == 2:
                    yield SharedSession(function, node, session)


def _calls(function: ast.AST) -> Iterator[tuple[ast.Call, bool]]:
    """The calls of *function* itself in their order, and whether a loop repeats them."""
    stack: list[tuple[ast.AST, bool]] = [(n, False) for n in reversed(getattr(function, "body", []))]
    while stack:
        node, repeated = stack.pop()
        if isinstance(node, _NESTED):
            continue
        if isinstance(node, ast.Call):
            yield node, repeated
        inside = repeated or isinstance(node, (*_LOOPS, *_COMPREHENSIONS))
        stack += [(child, inside) for child in reversed(children(node))]


def _sessions(colours: Colours, function: FunctionFacts, node: ast.AST) -> set[str]:
    """The sessions that *node* names, as they are written; those that a comprehension makes for each task are none, nor is one that stays sync."""
    return {
        ast.unparse(inner)
        for inner in walk(node)
        if isinstance(inner, (ast.Name, ast.Attribute))
        and any(isinstance(v, Session) for v in parts(colours.graph.value(function, inner)))
        and (not colours.graph.is_session(function, inner) or colours.is_asynchronous(function, inner))
    }
