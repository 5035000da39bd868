"""Whether a request can end with writes that nobody committed.

The legacy dependency closes the session and they are lost; the request's AsyncSession commits at the end. So an endpoint
may only change over if every way to its end leaves nothing uncommitted behind.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator, Sequence

from alchemove_codemods.colours.generators import swallows
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.libraries import only_reads
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.sources import Sources
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import children, walk
from alchemove_codemods.values import UNKNOWN, Instance, parts

_ENDING = frozenset({"commit", "rollback", "close", "reset", "invalidate"})
_READING = frozenset(
    {
        "scalars",
        "scalar",
        "get",
        "get_one",
        "refresh",
        "flush",
        "begin",
        "begin_nested",
        "query",
        "expunge",
        "expire",
        "expire_all",
        "in_transaction",
        "is_modified",
        "get_bind",
        "get_transaction",
        "get_nested_transaction",
    }
)
_GROWING = frozenset({"append", "remove", "extend", "clear", "add", "insert", "discard", "pop"})
_ROUNDS = 4

State = bool
"""Whether something uncommitted may be there."""


class Writes:
    """Which functions leave uncommitted writes behind."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.sources = Sources(graph)
        self._columns: frozenset[str] | None = None
        self._summaries: dict[tuple[FunctionFacts, State], State] = {}
        self._open: set[tuple[FunctionFacts, State]] = set()
        self._sites: dict[FunctionFacts, dict[ast.AST, Site]] = {}

    def after(self, function: FunctionFacts, before: State) -> State:
        """Whether something uncommitted may be there when *function* ends normally, if it was so *before* it."""
        key = (function, before)
        if key in self._summaries:
            return self._summaries[key]
        if key in self._open:
            return before
        self._open.add(key)
        run = _Run(self, function)
        last = run.block(getattr(function.node, "body", []), before)
        self._open.discard(key)
        ends = [*run.ends, *([] if last is None else [last])]
        self._summaries[key] = any(ends)
        return self._summaries[key]

    def entered(self, manager: FunctionFacts, before: State) -> State:
        """What *manager*, a context manager, leaves to the block that it is for."""
        run = _Run(self, manager)
        run.block(getattr(manager.node, "body", []), before)
        return any(run.yielded)

    def left(self, manager: FunctionFacts, after: State) -> State:
        """What *manager* leaves behind once its block has ended with *after*."""
        run = _Run(self, manager, handed_back=after)
        last = run.block(getattr(manager.node, "body", []), False)
        return any([*run.ends, *([] if last is None else [last])])

    def manager(self, node: ast.expr) -> FunctionFacts | None:
        """The context manager of the program that the call *node* makes."""
        return self.graph.manager(node)

    def site(self, function: FunctionFacts, node: ast.AST) -> Site | None:
        """What the graph knows of *node*."""
        if function not in self._sites:
            self._sites[function] = {
                s.node: s for s in self.graph.sites.get(function, ()) if s.kind not in ("lazy", "response")
            }
        return self._sites[function].get(node)

    @property
    def columns(self) -> frozenset[str]:
        """The names of mapped attributes of any class."""
        if self._columns is None:
            models = self.graph.knowledge.models
            self._columns = frozenset(
                name
                for module in self.graph.knowledge.program.loaded()
                for cls in module.classes.values()
                if models.is_mapped(cls)
                for name in models.own(cls)
            )
        return self._columns

    def is_mapped(self, function: FunctionFacts, node: ast.expr, attribute: str | None) -> bool:
        """Whether *node* may be a mapped object, as far as its *attribute* tells."""
        for part in parts(self.graph.value(function, node)):
            match part:
                case Instance(cls=str()):
                    continue
                case Instance(cls=cls) if self.graph.knowledge.models.is_mapped(cls):  # type: ignore[arg-type]
                    return True
                case _ if part == UNKNOWN and (attribute is None or attribute in self.columns):
                    return True
        return False


class _Run:
    """One function, statement by statement; None stands for a point that is not reached."""

    def __init__(self, writes: Writes, function: FunctionFacts, handed_back: State | None = None) -> None:
        self.writes = writes
        self.function = function
        self.handed_back = handed_back
        self.yielded: list[State] = []
        self.ends: list[State] = []
        self.jumps: list[State] = []
        self.own = frozenset(_opened_in(writes, function))

    def block(self, body: Sequence[ast.stmt], state: State | None) -> State | None:
        for node in body:
            if state is None:
                return None
            state = self.statement(node, state)
        return state

    def statement(self, node: ast.stmt, state: State) -> State | None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return state
            case ast.Return(value=value):
                self.ends.append(self.expressions([value] if value is not None else [], state))
                return None
            case ast.Raise():
                return None
            case ast.Break() | ast.Continue():
                self.jumps.append(state)
                return None
            case ast.If(test=test, body=body, orelse=orelse):
                state = self.expressions([test], state)
                return _either(self.block(body, state), self.block(orelse, state))
            case ast.For(iter=head, body=body, orelse=orelse) | ast.AsyncFor(iter=head, body=body, orelse=orelse):
                return self._loop(head, body, orelse, state, endless=False)
            case ast.While(test=head, body=body, orelse=orelse):
                endless = isinstance(head, ast.Constant) and bool(head.value)
                return self._loop(head, body, orelse, state, endless=endless)
            case ast.With(items=[ast.withitem(context_expr=call), *others], body=body) if (
                manager := self.writes.manager(call)
            ):
                inner = [ast.With(items=others, body=body, lineno=node.lineno)] if others else body
                return self._managed(manager, call, inner, state)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                state = self.expressions([i.context_expr for i in items], state)
                after = self.block(body, state)
                commits = any(_is_begin(i.context_expr) for i in items)
                return False if commits and after is not None else after
            case ast.Try() as attempt:
                return self._attempt(attempt, state)
            case ast.Match(subject=subject, cases=cases):
                state = self.expressions([subject], state)
                return _either(state, *(self.block(c.body, state) for c in cases))
        return self.expressions([n for n in children(node) if isinstance(n, ast.expr)], state)

    def _managed(self, manager: FunctionFacts, call: ast.expr, body: Sequence[ast.stmt], state: State) -> State | None:
        """A block of a context manager of the program, which does what stands after its ``yield`` at the end."""
        mark = len(self.ends)
        state = self.writes.entered(manager, self.expressions(_arguments(call), state))
        after = self.block(body, state)
        if swallows(manager):
            after = bool(after) or state or self._dirties(body)
        self.ends[mark:] = [self.writes.left(manager, e) for e in self.ends[mark:]]
        return None if after is None else self.writes.left(manager, after)

    def _loop(
        self, head: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], state: State, *, endless: bool
    ) -> State | None:
        outer, self.jumps = self.jumps, []
        state = self.expressions([head], state)
        for _ in range(_ROUNDS):
            again = _either(state, self.block(body, state))
            if again == state or again is None:
                break
            state = again
        jumped, self.jumps = self.jumps, outer
        done = None if endless else self.block(orelse, state)
        return _either(done, *jumped)

    def _attempt(self, node: ast.Try, state: State) -> State | None:
        mark = len(self.ends)
        after = self.block(node.body, state)
        # A handler starts from any point of the body.
        somewhere = state or bool(after) or any(self.ends[mark:]) or self._dirties(node.body)
        done = self.block(node.orelse, after)
        ends = [done, *(self.block(h.body, somewhere) for h in node.handlers)]
        if node.finalbody:
            self.ends[mark:] = [bool(self.block(node.finalbody, e)) for e in self.ends[mark:]]
            return self.block(node.finalbody, _either(*ends))
        return _either(*ends)

    def _dirties(self, body: Iterable[ast.stmt]) -> bool:
        return any(self._effect(n, False) for s in body for n in walk(s))

    def expressions(self, nodes: Iterable[ast.expr], state: State) -> State:
        for node in nodes:
            for inner in _in_order(node):
                state = self._effect(inner, state)
        return state

    def _effect(self, node: ast.AST, state: State) -> State:
        writes, function = self.writes, self.function
        match node:
            case ast.Yield():
                self.yielded.append(state)
                return state if self.handed_back is None else self.handed_back
            case ast.Attribute(ctx=ast.Store() | ast.Del(), value=base, attr=name):
                return state or writes.is_mapped(function, base, name)
            case ast.Call(func=ast.Name(id="setattr"), args=[first, *_]):
                return state or writes.is_mapped(function, first, None)
            case ast.Call(func=ast.Attribute(value=ast.Attribute(value=base, attr=name), attr=method)) if (
                method in _GROWING and writes.is_mapped(function, base, name)
            ):
                return True
        site = writes.site(function, node)
        match site:
            case None:
                return state
            case Site(kind="io", session=ast.Name(id=held)) if held in self.own:
                return state
            case Site(kind="io", name=name):
                if name in _ENDING:
                    return False
                if name in ("execute", "exec") and isinstance(node, ast.Call):
                    return state or not writes.sources.only_reads(function, node.args[0] if node.args else None)
                if name in ("scalar", "scalars") and isinstance(node, ast.Call):
                    return state or writes.sources.may_write(function, node.args[0] if node.args else None)
                return state or name not in _READING
            case Site(kind="call" | "property", targets=targets):
                after = any(writes.after(t, state) for t in targets)
                # What is done with a session of its own does not end the transaction of the request.
                return after or (state and self._gets_own(node))
            case Site(kind="handed", name=name):
                # Where it is kept for later, that is what stands in the way.
                return state or (name != "kept" and not only_reads(writes.graph, function, node))
            case Site(kind="query"):
                called = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
                inside = any(writes.after(t, state) for t in self._called(node))
                return state or called in ("update", "delete") or inside
        return state

    def _gets_own(self, node: ast.AST) -> bool:
        """Whether *node* has to do with a session that this function opened."""
        return bool(self.own) and any(isinstance(n, ast.Name) and n.id in self.own for n in walk(node))

    def _called(self, node: ast.AST) -> list[FunctionFacts]:
        called = self.writes.graph.knowledge.calls.get(node.func) if isinstance(node, ast.Call) else None
        return [] if called is None else [called]


def _arguments(call: ast.expr) -> list[ast.expr]:
    return [*call.args, *(k.value for k in call.keywords)] if isinstance(call, ast.Call) else []


def _either(*states: State | None) -> State | None:
    reached = [s for s in states if s is not None]
    return any(reached) if reached else None


def _opened_in(writes: Writes, function: FunctionFacts) -> Iterator[str]:
    """The names of sessions that *function* opens by ``with``: that block ends them, whatever the request does."""
    opened = {s.node for s in writes.graph.sites.get(function, ()) if s.kind == "opened"}
    for node in walk(function.node) if opened else ():
        if isinstance(node, ast.withitem) and node.context_expr in opened and isinstance(node.optional_vars, ast.Name):
            yield node.optional_vars.id


def _is_begin(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "begin"


@functools.lru_cache(maxsize=1 << 13)
def _in_order(node: ast.AST) -> tuple[ast.AST, ...]:
    """*node* and what is below it, arguments before calls."""
    found: list[ast.AST] = []
    _collect(node, found)
    return tuple(found)


def _collect(node: ast.AST, found: list[ast.AST]) -> None:
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        for inner in children(node):
            _collect(inner, found)
        found.append(node)
