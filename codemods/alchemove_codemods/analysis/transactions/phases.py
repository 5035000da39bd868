"""The transaction of a session on all paths of a piece of code: what is written, what is committed, what comes after."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from alchemove_codemods.analysis.transactions.asking import may_ask
from alchemove_codemods.analysis.transactions.effects import UNFOLLOWED, Effects, Event, Given, Summary
from alchemove_codemods.analysis.transactions.failing import adding_may_fail, is_iterable, unpacking_may_fail
from alchemove_codemods.analysis.transactions.loaded import only_objects
from alchemove_codemods.analysis.transactions.reach import Level, Reach
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk

Phase = Literal["clean", "dirty", "done", "reading"]
State = tuple[Phase, ast.AST | None]
"""``done`` and ``reading`` name the commit after which nothing was written; ``reading`` has looked at an object since."""
States = frozenset[State]
_UNKNOWN = {"exec()": "sqlmodel-exec"}
CLEAN: States = frozenset({("clean", None)})


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason why a scope cannot become a block that commits at its end; ``inner`` says that a function that is called is the cause."""

    reason: str
    node: ast.AST
    detail: str = ""
    inner: bool = False


@dataclass(slots=True, eq=False)
class Walk:
    """One walk over *body*.

    With ``own`` the commits are those of the scope, which are to go; without, they are those of a callee, which stay. ``late`` is what happens
    after a commit and would come before it if that moved to the end; ``closed`` are the calls of ``close()`` that go, since the end of
    the block does what they do; with ``keeps`` the commits of the scope stay, too; ``flushed`` are the commits after which objects are read, ``renewed`` the
    names of those. ``raised`` is where an exception takes objects along. ``begun``: the session is in a ``with`` of its ``begin()``, and cannot be used any more
    once that transaction has ended.
    """

    effects: Effects
    function: FunctionFacts
    reach: Reach
    own: bool
    keeps: bool = False
    closed: frozenset[ast.stmt] = frozenset()
    commits: list[ast.Call] = field(default_factory=list)
    flushed: set[ast.AST] = field(default_factory=set)
    renewed: set[str] = field(default_factory=set)
    late: list[tuple[ast.AST, ast.AST]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    exits: list[tuple[States, ast.stmt]] = field(default_factory=list)
    rolled_back: list[ast.Call] = field(default_factory=list)
    callee_commits: bool = False
    raised: list[ast.AST] = field(default_factory=list)
    guarded: int = 0
    begun: bool = False
    closes: str = ""
    loops: list[tuple[list[States], list[States]]] = field(default_factory=list)
    loop_nodes: list[ast.AST] = field(default_factory=list)
    in_loop: set[ast.AST] = field(default_factory=set)
    points: list[list[States]] = field(default_factory=list)
    returned: Level = Level.FREE

    def problem(self, reason: str, node: ast.AST, detail: str = "", *, inner: bool = False) -> None:
        """Note a reason to refuse, once for each place."""
        if not any(p.node is node and p.reason == reason for p in self.problems):
            self.problems.append(Problem(reason, node, detail, inner))

    # events --------------------------------------------------------------------------------------------------------

    def feel(self, states: States, node: ast.AST | None) -> States:
        """The states after evaluating *node*."""
        if node is None or not states:
            return states
        for event in self.effects.events(self.function, node, self.reach):
            states = frozenset(s for state in states for s in self._after(state, event))
            for seen in self.points:
                seen.append(states)
        return states

    def _after(self, state: State, event: Event) -> Iterable[State]:
        phase, commit = state
        match event.kind:
            case "commit":
                return self._committed(state, event.node)
            case "rollback":
                self._must_not_be_late(state, event.node)
                if self.own and isinstance(event.node, ast.Call):
                    self.rolled_back.append(event.node)
                return [("clean", event.node if self.begun else None)]
            case "close":
                self.closes = self.closes or f"{self.function.module.path}:{getattr(event.node, 'lineno', 0)}"
                if self.own:
                    self.problem("closed-inside", event.node)
                return [state]
            case "unknown":
                yielded = isinstance(event.node, (ast.Yield, ast.YieldFrom))
                if yielded and self.keeps and not _hands_out(event.node, self.reach):
                    # Whoever has what holds the session does with it what he did, until the block ends.
                    return [("clean", None)]
                reason = "session-yielded" if yielded else _UNKNOWN.get(event.detail, "unknown-callee")
                self.problem(reason, event.node, event.detail)
                return [state]
            case "write":
                self._must_not_be_late(state, event.node)
                return [("dirty", None)]
            case "read":
                self._must_not_be_late(state, event.node)
                return [state]
            case "refresh" | "key":
                self.renewed |= _renewed(event.node)
                if commit is not None:
                    self.flushed.add(commit)
                    return [("reading", commit)]
                return [state]
            case "work":
                if phase == "reading":
                    self._must_not_be_late(state, event.node)
                elif commit is not None:
                    self.late.append((commit, event.node))
                return [state]
        return self._called(state, event)

    def _committed(self, state: State, node: ast.AST) -> Iterable[State]:
        self.callee_commits = True
        if not self.own or self.keeps:
            return [("clean", None)]
        assert isinstance(node, ast.Call)
        if node not in self.commits:
            self.commits.append(node)
        if self.loop_nodes:
            self.in_loop.add(node)
        return [("done", node)]

    def _called(self, state: State, event: Event) -> Iterable[State]:
        summary = event.summary or UNFOLLOWED
        phase, _ = state
        if summary.unknown:
            detail = f"{event.detail}() → {summary.unknown}" if event.detail else summary.unknown
            self.problem("unknown-callee", event.node, detail, inner=True)
        if summary.closes:
            self.closes = self.closes or summary.closes
            self.problem("callee-closes", event.node, f"{event.detail}() → close() at {summary.closes}")
        self.callee_commits |= summary.commits
        if summary.raises and not self.guarded:
            self.raised.append(event.node)
        self._must_not_be_late(state, event.node)
        out = summary.dirty if phase == "dirty" else summary.clean
        ended = event.node if self.begun and summary.commits else None
        return [("dirty", ended) if dirty else ("clean", ended) for dirty in out]

    def _must_not_be_late(self, state: State, node: ast.AST) -> None:
        """Nothing that uses the session may come after a commit that moves to the end."""
        commit = state[1]
        if commit is not None:
            self.problem(
                "commit-in-loop" if commit in self.in_loop else "commit-before-work", commit, _line(node, commit)
            )

    # statements ----------------------------------------------------------------------------------------------------

    def block(self, states: States, body: list[ast.stmt]) -> States:
        """The states after *body*."""
        for node in body:
            states = self.statement(states, node)
        return states

    def statement(self, states: States, node: ast.stmt) -> States:
        """The states after one statement; empty where control does not come out of it."""
        match node:
            case ast.Return(value=value):
                states = self.feel(states, value)
                if value is not None:
                    self.returned = max(self.returned, self.reach.level(value))
                self.exits.append((states, node))
                return frozenset()
            case ast.Raise(exc=exc, cause=cause):
                states = self.feel(self.feel(states, exc), cause)
                if exc is not None and self.reach.level(exc) is Level.OBJECT and not self.guarded:
                    self.raised.append(node)
                self._fails(states, node)
                return frozenset()
            case ast.If(test=test, body=body, orelse=orelse):
                states = self.feel(states, test)
                return self.block(states, body) | self.block(states, orelse)
            case (
                ast.For(iter=iterable, body=body, orelse=orelse) | ast.AsyncFor(iter=iterable, body=body, orelse=orelse)
            ):
                states = self.feel(states, iterable)
                if isinstance(node, ast.AsyncFor):
                    self._fails(states, node)
                if self.reach.level(iterable):
                    states = self._seen(states, Event("read", node))
                elif not is_iterable(iterable, self.reach):
                    self._fails(states, node)
                return self._loop(states, node, body, orelse, None)
            case ast.While(test=test, body=body, orelse=orelse):
                return self._loop(states, node, body, orelse, test)
            case ast.Break() | ast.Continue() if self.loops:
                self.loops[-1][isinstance(node, ast.Continue)].append(states)
                return frozenset()
            case ast.Break() | ast.Continue():
                self.exits.append((states, node))
                return frozenset()
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    states = self.feel(states, item.context_expr)
                if isinstance(node, ast.AsyncWith):
                    self._fails(states, node)
                return self._left(self.block(states, body), node)
            case ast.Try():
                return self._try(states, node)
            case ast.Match(subject=subject, cases=cases):
                states = self.feel(states, subject)
                return frozenset(states).union(*(self.block(states, case.body) for case in cases))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                if captures(node, self.reach):
                    self.problem("session-captured", node, node.name)
                return states
            case ast.Assign() | ast.AugAssign() | ast.AnnAssign() | ast.Delete():
                return self._assign(states, node)
            case ast.Expr(value=value):
                return states if node in self.closed else self.feel(states, value)
            case ast.Import() | ast.ImportFrom():
                self._fails(states, node)
                return states
            case ast.Assert(test=test, msg=msg):
                states = self.feel(self.feel(states, test), msg)
                self._fails(states, node)
                return states
        return states

    def _seen(self, states: States, event: Event) -> States:
        return frozenset(s for state in states for s in self._after(state, event))

    def _fails(self, states: States, node: ast.AST) -> None:
        for state in states:
            self._after(state, Event("work", node))
        for seen in self.points:
            seen.append(states)

    def _left(self, states: States, node: ast.AST) -> States:
        """Leaving a ``with`` runs code of its context manager."""
        return self._seen(states, Event("work", node))

    def _assign(self, states: States, node: ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete) -> States:
        value = getattr(node, "value", None)
        states = self.feel(states, value)
        targets = [node.target] if isinstance(node, (ast.AugAssign, ast.AnnAssign)) else node.targets
        if isinstance(node, ast.AugAssign) and adding_may_fail(node, self.function):
            self._fails(states, node)
        for target in targets:
            if isinstance(node, ast.Assign) and unpacking_may_fail(target, value):
                self._fails(states, node)
            for inner in ast.walk(target):
                if isinstance(inner, (ast.Attribute, ast.Subscript)) and not isinstance(inner.ctx, ast.Load):
                    states = self._stored(states, node, inner, value)
        return states

    def _stored(
        self, states: States, node: ast.stmt, target: ast.Attribute | ast.Subscript, value: ast.expr | None
    ) -> States:
        level = self.reach.level(target.value)
        base = target.value
        if isinstance(base, ast.Name) and base.id in self.reach.local:
            return states
        constructing = self.function.name == "__init__" and isinstance(base, ast.Name) and base.id == "self"
        if (
            value is not None
            and self.reach.level(value) is Level.HOLDER
            and not constructing
            and not self._its_own(base, value)
        ):
            self.problem("session-kept", node, ast.unparse(target))
        if level is Level.HOLDER and not self.reach.is_session(base) and constructing:
            return states
        if not level or constructing:
            return self._seen(states, Event("work", node))
        return self._seen(states, Event("write", node))

    def _its_own(self, base: ast.expr, value: ast.expr) -> bool:
        """Whether all that *value* holds comes from the object that gets it, which holds the session then already."""
        return isinstance(base, ast.Name) and self.reach.roots(value, Level.HOLDER) == {base.id}

    def _loop(
        self, states: States, node: ast.stmt, body: list[ast.stmt], orelse: list[ast.stmt], test: ast.expr | None
    ) -> States:
        breaks: list[States] = []
        self.loop_nodes.append(node)
        for _ in range(4):
            continues: list[States] = []
            self.loops.append((breaks, continues))
            inside = self.feel(states, test)
            after = self.block(inside, body)
            self.loops.pop()
            grown = states.union(after, *continues)
            if isinstance(node, (ast.For, ast.AsyncFor)) and self.reach.level(node.iter):
                grown |= self._seen(frozenset().union(after, *continues), Event("read", node))
            if grown == states:
                break
            states = grown
        self.loop_nodes.pop()
        forever = isinstance(test, ast.Constant) and bool(test.value)
        left = self.feel(states, test) if not forever else frozenset()
        return self.block(left, orelse).union(*breaks)

    def _try(self, states: States, node: ast.Try) -> States:
        points: list[States] = [states]
        self.points.append(points)
        self.guarded += bool(node.handlers)
        after = self.block(states, node.body)
        self.guarded -= bool(node.handlers)
        self.points.pop()
        anywhere: States = frozenset().union(*points)
        uses = any(may_ask(n, self.reach) for s in node.body for n in walk(s))
        after = self.block(after, node.orelse)
        for handler in node.handlers:
            if (
                uses
                and not ends(handler.body)
                and not _rolls_back(handler.body, self.reach)
                and not _savepoint(node.body)
            ):
                self.problem("swallowed-error", handler)
            inside = [c for c in self.commits if self.own and _holds(node.body, c)]
            if inside and not _only_raises(handler.body, self.reach):
                self.problem("commit-handled-inside", handler)
            after |= self.block(_before_commits(anywhere), handler.body)
        if node.finalbody:
            after = self.block(after, node.finalbody)
        return after


def summarised(effects: Effects, function: FunctionFacts, given: Given) -> Summary:
    """The summary of *function*, whose parameters have the levels *given*."""
    body = getattr(function.node, "body", None)
    if not isinstance(body, list):
        return UNFOLLOWED
    if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for s in body for n in ast.walk(s)):
        line = getattr(function.node, "lineno", 0)
        return Summary(unknown=f"a generator at {function.module.path}:{line}", gives=Level.HOLDER)
    reach = effects.reach(function, body, given)
    outs: list[frozenset[bool]] = []
    walks = []
    for start in ("clean", "dirty"):
        walk = Walk(effects, function, reach, own=False)
        end = walk.block(frozenset({(start, None)}), body)
        left = end.union(*(states for states, _ in walk.exits))
        outs.append(frozenset(phase == "dirty" for phase, _ in left))
        walks.append(walk)
    problem = next(
        (p for walk in walks for p in walk.problems if p.reason not in ("swallowed-error", "callee-closes")), None
    )
    returned = [node.value for _, node in walks[0].exits if isinstance(node, ast.Return) and node.value is not None]
    return Summary(
        outs[0],
        outs[1],
        any(w.callee_commits for w in walks),
        next((w.closes for w in walks if w.closes), ""),
        max(w.returned for w in walks),
        "" if problem is None else _told(function, problem),
        all(only_objects(value, reach) for value in returned),
        any(w.raised for w in walks),
    )


def _hands_out(node: ast.AST, reach: Reach) -> bool:
    """Whether the ``yield`` *node* gives the session itself, or ``yield from`` what another generator does with it."""
    match node:
        case ast.Yield(value=ast.expr() as value):
            return reach.is_session(value)
        case ast.YieldFrom(value=value):
            return reach.level(value) is Level.HOLDER
    return False


_INNER = {
    "session-kept": "stored in {}",
    "session-captured": "used by {}, which is defined inside",
    "session-yielded": "yielded",
}


def _told(function: FunctionFacts, problem: Problem) -> str:
    """What is said of something in *function* that cannot be followed: what it is, and its place."""
    if problem.inner:
        return problem.detail
    text = _INNER.get(problem.reason, "{}").format(problem.detail or problem.reason)
    return f"{text} at {function.module.path}:{getattr(problem.node, 'lineno', function.node.lineno)}"  # type: ignore[attr-defined]


def captures(node: ast.AST, reach: Reach) -> bool:
    """Whether a function or class defined inside uses something that belongs to the session."""
    return any(
        isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and reach.levels.get(inner.id)
        for inner in ast.walk(node)
    )


def ends(body: list[ast.stmt]) -> bool:
    """Whether control never leaves *body* at its end."""
    match body[-1] if body else None:
        case ast.Raise() | ast.Return() | ast.Continue() | ast.Break():
            return True
        case ast.If(body=inner, orelse=other):
            return ends(inner) and ends(other)
    return False


def _before_commits(states: States) -> States:
    """The states in which a handler can start: a commit that moved to the end has not happened there."""
    return frozenset(("dirty", None) if commit is not None else (phase, None) for phase, commit in states)


def _rolls_back(body: list[ast.stmt], reach: Reach) -> bool:
    return any(
        isinstance(n, ast.Call)
        and isinstance(n.func, ast.Attribute)
        and n.func.attr == "rollback"
        and bool(reach.level(n.func.value))
        for s in body
        for n in ast.walk(s)
    )


def _only_raises(body: list[ast.stmt], reach: Reach) -> bool:
    """Whether a handler rolls back at most and raises the same again."""
    match body:
        case [*before, ast.Raise(exc=None)]:
            return all(_rolls_back([s], reach) and isinstance(s, ast.Expr) for s in before)
    return False


def _savepoint(body: list[ast.stmt]) -> bool:
    """Whether what can fail is inside of ``with session.begin_nested()``."""
    return len(body) == 1 and isinstance(body[0], ast.With) and "begin_nested" in ast.dump(body[0].items[0])


def _holds(body: list[ast.stmt], node: ast.AST) -> bool:
    return any(inner is node for s in body for inner in ast.walk(s))


def _renewed(node: ast.AST) -> set[str]:
    """The variable whose object ``refresh(x)`` or ``x.id`` reads anew after a commit."""
    match node:
        case ast.Call(args=[ast.Name(id=name), *_]) | ast.Attribute(value=ast.Name(id=name)):
            return {name}
    return set()


def _line(node: ast.AST, commit: ast.AST) -> str:
    line = getattr(node, "lineno", 0)
    return f"line {line} comes after it" if line != getattr(commit, "lineno", 0) else ""
