"""What happens behind a place of a function: the statements that may run, and how the function may end.

Besides what stands below it, that are the handlers of what is raised there, and every ``finally`` on the way out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from alchemove_codemods.analysis.interruptions import may_swallow
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.transactions.vocabulary import LOGGING
from alchemove_codemods.colours.thrown import ANY, Thrown, catches, may_catch, raised
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk

Leaving = Literal["return", "break", "continue"]

_HARMLESS: Final = frozenset({"bool", "isinstance", "len", "print", "repr", "str", "type"})
_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(slots=True)
class Flow:
    """How what runs may go on: ``on`` to what comes next, by leaving a loop or the function, or with an exception."""

    on: bool = True
    leaving: set[Leaving] = field(default_factory=set)
    thrown: set[Thrown] = field(default_factory=set)

    def add(self, other: Flow) -> None:
        """Takes in what *other* may do that runs now."""
        self.leaving |= other.leaving
        self.thrown |= other.thrown
        self.on = other.on

    def either(self, other: Flow) -> None:
        """Takes in what *other* may do that runs instead."""
        self.leaving |= other.leaving
        self.thrown |= other.thrown
        self.on = self.on or other.on

    @property
    def is_over(self) -> bool:
        """Whether nothing can come of it any more."""
        return not (self.on or self.leaving or self.thrown)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What may run behind a place, in ``statements``; ``ends`` says whether the function may reach its end, ``thrown`` what may leave it."""

    statements: tuple[ast.AST, ...]
    ends: bool
    thrown: frozenset[Thrown]


def aftermath(knowledge: Knowledge, function: FunctionFacts, statement: ast.AST, flow: Flow) -> Aftermath:
    """What may happen behind *statement* of *function*, which ends with *flow*."""
    return _Climb(knowledge, function).from_(statement, flow)


def flow_of(knowledge: Knowledge, function: FunctionFacts, statements: Iterable[ast.stmt]) -> Flow:
    """How *statements* of *function*, one after the other, may end."""
    return _Climb(knowledge, function).run(statements)


def may_raise(node: ast.AST, but: ast.AST | None = None) -> bool:
    """Whether evaluating *node*, without the node *but*, may raise an exception that programs reckon with: it calls something, or looks it up."""
    if node is but:
        return False
    match node:
        case ast.Raise(exc=ast.Call(args=arguments, keywords=keywords)):
            return any(may_raise(each, but) for each in (*arguments, *keywords))
        case ast.Call(func=callee):
            if last_name(callee) not in (LOGGING if isinstance(callee, ast.Attribute) else _HARMLESS):
                return True
        case ast.Subscript(ctx=ast.Load()) | ast.Await():
            return True
    return not isinstance(node, _SCOPES) and any(may_raise(each, but) for each in ast.iter_child_nodes(node))


class _Climb:
    """Goes from a statement of one function to the end of it."""

    def __init__(self, knowledge: Knowledge, function: FunctionFacts) -> None:
        self._knowledge = knowledge
        self._function = function
        self._parents = function.module.source.parents

    def from_(self, statement: ast.AST, flow: Flow) -> Aftermath:
        statements: list[ast.AST] = []
        at = statement
        while at is not self._function.node and (holder := self._parents.get(at)) is not None and not flow.is_over:
            if flow.on:
                rest = _rest(holder, at)
                ran = self._reached(rest)
                statements += ran
                flow.add(self.run(ran))
            statements += self._through(holder, at, flow)
            at = holder
        return Aftermath(tuple(statements), flow.on, frozenset(flow.thrown))

    def run(self, statements: Iterable[ast.stmt]) -> Flow:
        flow = Flow()
        for statement in statements:
            flow.add(self._statement(statement))
            if not flow.on:
                break
        return flow

    def _reached(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """Those of *statements*, which stand one behind the other, that may run."""
        for index, statement in enumerate(statements, 1):
            if not self._statement(statement).on:
                return statements[:index]
        return statements

    def _through(self, holder: ast.AST, at: ast.AST, flow: Flow) -> list[ast.AST]:
        """What of *holder* may run when *at*, which is in it, has ended with *flow*, which becomes that of *holder*."""
        if isinstance(holder, ast.Try):
            if at in holder.finalbody:
                flow.either(self._guarded(holder))
                return []
            return self._out_of_try(holder, at, flow)
        if isinstance(holder, _LOOPS):
            inside = at in holder.body
            again = inside and (flow.on or "continue" in flow.leaving)
            if again:
                flow.either(self._statement(holder))
            flow.on = flow.on or (inside and "break" in flow.leaving)
            if inside:
                flow.leaving -= {"break", "continue"}
            return [holder] if again else []
        if isinstance(holder, (ast.With, ast.AsyncWith)):
            self._out_of_with(holder, flow)
        return []

    def _out_of_try(self, attempt: ast.Try, at: ast.AST, flow: Flow) -> list[ast.AST]:
        ran: list[ast.AST] = []
        if at in attempt.body:
            goes_on = flow.on
            if goes_on:
                ran += attempt.orelse
                flow.add(self.run(attempt.orelse))
            for handler in self._catching(attempt, flow.thrown):
                ran += handler.body
                flow.either(self.run(handler.body))
        if attempt.finalbody and not flow.is_over:
            ran += attempt.finalbody
            self._end_with(attempt.finalbody, flow)
        return ran

    def _statement(self, statement: ast.stmt) -> Flow:
        """How *statement* may end."""
        match statement:
            case ast.Return():
                return Flow(on=False, leaving={"return"}, thrown=_thrown(statement))
            case ast.Raise():
                thrown = _thrown(statement) | raised(self._knowledge, self._function, statement)
                return Flow(on=False, thrown=thrown)
            case ast.Break():
                return Flow(on=False, leaving={"break"})
            case ast.Continue():
                return Flow(on=False, leaving={"continue"})
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return Flow()
            case ast.If(test=test, body=body, orelse=orelse):
                flow = Flow(on=False, thrown=_thrown(test))
                flow.either(self.run(body))
                flow.either(self.run(orelse))
                return flow
            case ast.Match(subject=subject, cases=cases):
                flow = Flow(thrown=_thrown(subject))
                for case in cases:
                    flow.either(self.run(case.body))
                return flow
            case ast.For() | ast.AsyncFor() | ast.While():
                head = statement.test if isinstance(statement, ast.While) else statement.iter
                flow = Flow(thrown=_thrown(head))
                flow.either(self.run(statement.body))
                flow.leaving -= {"break", "continue"}
                flow.either(self.run(statement.orelse))
                return flow
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                flow = Flow(thrown={t for item in items for t in _thrown(item)})
                flow.add(self.run(body))
                self._out_of_with(statement, flow)
                return flow
        if isinstance(statement, ast.Try):
            flow = self._guarded(statement)
            if statement.finalbody:
                self._end_with(statement.finalbody, flow)
            return flow
        return Flow(thrown=_thrown(statement))

    def _guarded(self, attempt: ast.Try) -> Flow:
        """How *attempt* may end before its ``finally``."""
        flow = self.run(attempt.body)
        if flow.on:
            inside = set(flow.thrown)
            flow.add(self.run(attempt.orelse))
            added = flow.thrown - inside
            flow.thrown = inside
        else:
            added = set()
        for handler in self._catching(attempt, flow.thrown):
            flow.either(self.run(handler.body))
        flow.thrown |= added
        return flow

    def _catching(self, attempt: ast.Try, thrown: set[Thrown]) -> list[ast.ExceptHandler]:
        """The handlers of *attempt* that may catch some of *thrown*, from which those that are caught in any case are taken."""
        found = []
        left = set(thrown)
        for handler in attempt.handlers:
            if any(may_catch(self._knowledge, self._function, handler, each) for each in left):
                found.append(handler)
            left = {each for each in left if not catches(self._knowledge, self._function, handler, each)}
        thrown.intersection_update(left)
        return found

    def _end_with(self, final: list[ast.stmt], flow: Flow) -> None:
        """Lets *final*, the body of a ``finally``, run behind *flow*."""
        ending = self.run(final)
        if ending.on:
            flow.leaving |= ending.leaving
            flow.thrown |= ending.thrown
        else:
            flow.on, flow.leaving, flow.thrown = False, ending.leaving, ending.thrown

    def _out_of_with(self, block: ast.With | ast.AsyncWith, flow: Flow) -> None:
        if flow.thrown and any(may_swallow(item.context_expr) for item in block.items):
            flow.on, flow.thrown = True, set()


def _thrown(node: ast.AST) -> set[Thrown]:
    return {ANY} if may_raise(node) else set()


def _rest(holder: ast.AST, at: ast.AST) -> list[ast.stmt]:
    """The statements below *at* in its block of *holder*."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(holder, name, None)
        if isinstance(block, list) and at in block:
            return block[block.index(at) + 1 :]
    return []


def returned_before(function: FunctionFacts, node: ast.AST) -> Iterator[ast.Return]:
    """The ``return`` that *node*, in a ``finally``, runs behind: what they give is there by then."""
    parents = function.module.source.parents
    at: ast.AST | None = node
    while at is not None and at is not function.node:
        holder = parents.get(at)
        if isinstance(holder, ast.Try) and at in holder.finalbody:
            blocks = [*holder.body, *holder.handlers, *holder.orelse]
            yield from (n for block in blocks for n in walk(block) if isinstance(n, ast.Return))
        at = holder
