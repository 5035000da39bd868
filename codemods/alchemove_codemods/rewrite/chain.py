"""Chains: the calls of one expression, put together from the records, and how a statement and its session are written."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property

from alchemove_codemods.analysis.frame import stable_text
from alchemove_codemods.analysis.knowledge import SessionParameter
from alchemove_codemods.analysis.records import Creation, Iteration, Mention, Record, Step
from alchemove_codemods.facts import FunctionFacts, local_names
from alchemove_codemods.frozen import replace
from alchemove_codemods.registry import Rule, handlers
from alchemove_codemods.rewrite import configures
from alchemove_codemods.rewrite.aliasing import Aliasing, aliasing
from alchemove_codemods.rewrite.file import File
from alchemove_codemods.rewrite.layout import Link, Select
from alchemove_codemods.rewrite.named_sessions import name_session
from alchemove_codemods.rewrite.parentheses import around, stands_alone
from alchemove_codemods.rewrite.rebinding import (
    bindings,
    global_may_be_another,
    hidden_by_lambda,
    is_run_later,
    may_be_another,
)
from alchemove_codemods.rewrite.views import Builder, Called, Created, Iterated, Refusal, Refused, Terminal
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Held, Query

_OF_THE_DATABASE = frozenset({"first", "first_or_404", "paginate"})
"""What a dynamic relationship does by building a query first, so that it never gives what is pending."""


@dataclass(eq=False)
class Chain:
    """Calls that stand in one expression: from ``base`` (a creation, or where a query is taken from) to ``top``."""

    file: File
    stage: str
    function: FunctionFacts
    base: ast.expr
    creation: Creation | None
    steps: list[Step] = field(default_factory=list)
    iteration: Iteration | None = None
    _select: Select | None = None
    _in_parentheses: bool = False
    _through_mapper: str = ""

    @cached_property
    def wrapped(self) -> Aliasing | None:
        """What follows a union (or from_self) in this chain, None if there is none."""
        return aliasing(self)

    @property
    def top(self) -> ast.expr:
        """The whole expression."""
        return self.steps[-1].node if self.steps else self.base

    @property
    def terminal(self) -> Step | None:
        """The step that ends the query, if the chain has one."""
        return self.steps[-1] if self.steps and self.steps[-1].after is None else None

    @property
    def builders(self) -> list[Step]:
        """The steps that give a query again."""
        return self.steps[:-1] if self.terminal is not None else self.steps

    @property
    def query(self) -> Query:
        """Any query of the chain; all belong to one component."""
        if self.steps:
            return self.steps[0].before
        if self.creation is not None:
            return self.creation.query
        assert self.iteration is not None
        return self.iteration.query

    @property
    def changes(self) -> bool:
        """Whether converting the component changes this expression at all."""
        return self.creation is not None or bool(self.steps) or self.iteration is not None

    # rendering -----------------------------------------------------------------------------------------------------

    def render(self) -> str:
        """The modern text of what stands at :attr:`span`. Raises :exc:`Refused` where a rule declines."""
        source, (start, end) = self.file.module.source, self.span
        self._in_parentheses = False
        text = self._rendered()
        if (start, end) != (source.start(self.top), source.end(self.top)) and not stands_alone(text):
            # The statement has line breaks of its own.
            self._in_parentheses = True
            before, after = source.text[start : source.start(self.top)], source.text[source.end(self.top) : end]
            text = before + self._rendered() + after
        return self.file.quoted(self.top, text)

    @cached_property
    def span(self) -> tuple[int, int]:
        """The offsets of the whole expression, with parentheses around it that only its line breaks need."""
        source = self.file.module.source
        ends = self.terminal is not None or self.iteration is not None
        return (around(source, self.top) if ends else None) or (source.start(self.top), source.end(self.top))

    @property
    def start(self) -> int:
        """The offset on whose line the modern text begins."""
        return self.file.module.source.start(self.top) if self._in_parentheses else self.span[0]

    def _rendered(self) -> str:
        self._select, self._through_mapper = None, ""
        if self.terminal is not None:
            text = self._result(Terminal(self, self.terminal), self.terminal.method)
        elif self.iteration is not None:
            text = self._result(Iterated(self, self.iteration), "iteration")
        else:
            text = self.select().text
        self._check_configured(text)
        return text

    @cached_property
    def reads_late(self) -> bool:
        """Whether an argument reads an attribute that exists once the mappers are configured, which nothing shows that they are."""
        return configures.reads_late(self)

    @property
    def configures(self) -> bool:
        """Whether the statement has to configure the mappers, as ``session.query()`` does besides."""
        return configures.is_needed(self.file.knowledge, self)

    def through_mapper(self, text: str) -> str:
        """*text*, the mapped class of a statement that has to configure the mappers."""
        self._through_mapper = f"{self.file.imports.use('class_mapper', 'sqlalchemy.orm')}({text})"
        return self._through_mapper

    def _check_configured(self, text: str) -> None:
        """Nothing that follows the creation may need what ``session.query()`` does besides: it configures the mappers."""
        if self.configures:
            missing = not self._through_mapper or self._through_mapper not in text
        elif self.creation is not None:
            missing = False
        else:
            missing = self.reads_late and self.query.component.find() not in self.file.knowledge.configuring
        if missing:
            raise Refused("backref-first")

    def _result(self, view: Terminal | Iterated, method: str) -> str:
        if "unflushed" in view.state.may and method not in _OF_THE_DATABASE:
            raise Refused("dynamic-unflushed")
        rule = self._rule(type(view).__name__, method)
        result = rule.function(view)
        if isinstance(result, Refusal):
            raise Refused(result.reason, result.detail)
        assert isinstance(result, str)
        return result

    def _rule(self, construct: str, method: str) -> Rule:
        rule = handlers(self.stage).get((construct, method))
        if rule is None:
            raise Refused("unknown-method", method)
        return rule

    def select(self) -> Select:
        """The statement that the builders of the chain make."""
        if self._select is None:
            self._select = self._build()
        return self._select

    def _build(self) -> Select:
        if self.creation is not None:
            view = Created(self, self.creation)
            made = self._rule("Created", self.creation.kind).function(view)
        else:
            made = Select(self.file.text(self.base))
        if isinstance(made, Refusal):
            raise Refused(made.reason, made.detail)
        select: Select = made
        for step in self.builders:
            select = self._parenthesised(step, select)
            if self.wrapped is not None and self.wrapped.follows(step):
                self.wrapped.check(step)
            result = self._rule("Builder", step.method).function(Builder(self, step, select))
            if isinstance(result, Refusal):
                raise Refused(result.reason, result.detail)
            if step.as_is:
                result = _as_is(Builder(self, step, select), result)
            select = (
                result
                if isinstance(result, Select)
                else select.plus(*(replace(link, origin=step.method) for link in result))
            )
        last = tuple(link for link in select.links if link.origin == "params")
        if last and (self.terminal is not None or self.iteration is not None):
            # On select(), params() binds what is there already; a Query keeps it for the end.
            select = replace(select, links=(*(link for link in select.links if link.origin != "params"), *last))
        if self.terminal is not None:
            select = self._parenthesised(self.terminal, select)
        return select

    def _parenthesised(self, step: Step, select: Select) -> Select:
        """*select* with the parentheses that stood around what *step* is called on."""
        source = self.file.module.source
        opening = self.file.edits.segment(source.start(step.node), source.start(step.receiver))
        if not opening:
            return select
        closing = Called(self, step).closing
        return Select(select.head, (*select.links, Link("", None, closing)), opening + select.opening)

    def session(self, query: Query) -> str:
        """How the session of *query* is written at this place. Raises :exc:`Refused` if it cannot be."""
        with_session = next((s for s in reversed(self.builders) if s.method == "with_session"), None)
        if with_session is not None and isinstance(with_session.node, ast.Call):
            return self.file.text(with_session.node.args[0])
        own = self.creation.session if self.creation is not None else None
        if self.creation is not None and own is not None:
            if self.creation.kind != "dynamic-relationship":
                return self.file.text(own)
            if stable_text(own) is not None:
                # Its object stands in the same expression, whatever binds its name.
                return f"{self.file.imports.use('object_session', 'sqlalchemy.orm')}({self.file.text(own)})"
        if self.creation is not None and self.creation.run_by is not None:
            return self.held_text(self.creation.run_by)
        held = query.held
        if held is None:
            raise Refused("several-sessions" if "several-sessions" in query.state.may else "session-not-in-scope")
        return self.held_text(held)

    def held_text(self, held: Held) -> str:
        """How the session that *held* stands for is written at this place. Raises :exc:`Refused` if it cannot be."""
        if held.carried:
            return self._carried(held)
        if held.frame is None:
            if held.module is None:
                raise Refused("session-not-in-scope")
            text = self._global_text(held)
            if text is None:
                raise Refused("session-not-in-scope", held.text)
            if global_may_be_another(self.file.knowledge, self.function, held, self._lines_between):
                raise Refused("session-rebound", held.text)
            return text
        inner: FunctionFacts | None = self.function
        while inner is not None and inner is not held.frame:
            if not isinstance(inner.node, ast.Module) and held.root in local_names(inner.node):
                raise Refused("session-not-in-scope", held.text)
            inner = inner.outer
        if inner is None:
            raise Refused("session-not-in-scope", held.text)
        if held.named:
            name_session(self.file.knowledge, held, self.query, self.base, self._lines_between)
            return held.text
        self._check_stable(held)
        if held.text.startswith("object_session("):
            return self.file.imports.use("object_session", "sqlalchemy.orm") + held.text[len("object_session") :]
        return held.text

    def _global_text(self, held: Held) -> str | None:
        """How the global *held* is written here: by the name it was found by, or by that of the file that first binds it."""
        assert held.module is not None
        path, text = held.home
        for name, module, whole in (
            (held.root, held.module, held.text),
            (text.split(".", 1)[0], self.file.knowledge.program.module(path), text),
        ):
            local = self.file.globals.name(name, module, self.function, self.top) if module is not None else None
            if local is not None:
                return local + whole[len(name) :]
        return None

    def _carried(self, held: Held) -> str:
        """The session of a query that came in by a parameter: the function gets one more parameter for it."""
        assert held.frame is not None
        known = self.file.knowledge.session_parameters
        if held.frame not in known:
            taken = {n.id for n in walk(held.frame.node) if isinstance(n, ast.Name)} | {
                a.arg for a in held.frame.parameters
            }
            name = next((n for n in ("session", "db_session", "sql_session") if n not in taken), None)
            if name is None:
                raise Refused("session-not-in-scope")
            known[held.frame] = SessionParameter(held.root, name)
        if known[held.frame].root != held.root or not self._inside(held.frame):
            raise Refused("session-not-in-scope")
        return known[held.frame].name

    def _inside(self, outer: FunctionFacts) -> bool:
        inner: FunctionFacts | None = self.function
        while inner is not None and inner is not outer:
            inner = inner.outer
        return inner is outer

    def hidden(self, name: str) -> bool:
        """Whether a function around the chain binds *name* for itself, so that the module's is not seen here."""
        inner: FunctionFacts | None = self.function
        while inner is not None and not isinstance(inner.node, ast.Module):
            if name in local_names(inner.node):
                return True
            inner = inner.outer
        return False

    def _check_stable(self, held: Held) -> None:
        """The session's name must not be bound again between the creation of the query and its end."""
        assert held.frame is not None
        if hidden_by_lambda(self.top, held.root, held.frame):
            raise Refused("session-not-in-scope", held.text)
        stores = bindings(held.frame.node).get(held.root, [])
        parameter = any(a.arg == held.root for a in held.frame.parameters)
        lines = self._lines_between
        if may_be_another(self.file.knowledge, held.frame, held, lines):
            raise Refused("session-rebound", held.text)
        if len(stores) + parameter <= 1:
            return
        if lines.start == 0 or any(line in lines for line in stores):
            raise Refused("session-rebound", held.root)

    @property
    def _lines_between(self) -> range:
        """The lines from the first one that makes the query, or gets it, to this one; from 0 where that is elsewhere."""
        starts = [c.node.lineno for c in self.creations] or [node.lineno for node in self._received]
        last = self.function.node if is_run_later(self.top, self.function) else self.top
        return range(min(starts, default=0), (getattr(last, "end_lineno", None) or self.top.lineno) + 1)

    @property
    def _received(self) -> list[ast.expr]:
        """Where the same function gets queries of the component from other functions."""
        if isinstance(self.base, ast.Call):
            return [self.base]
        if not self.steps and self.iteration is None:
            return []
        component, records = self.query.component.find(), self.file.knowledge.records.get(self.function, {}).values()
        return [r.node for r in records if isinstance(r, Mention) and r.query.component.find() is component]

    @property
    def creations(self) -> list[Creation]:
        """The creations of the component in the same function."""
        records = self.file.knowledge.records.get(self.function, {}).values()
        if self.creation is None and not self.steps and self.iteration is None:
            return [r for r in records if isinstance(r, Creation)]
        component = self.query.component.find()
        return [r for r in records if isinstance(r, Creation) and r.query.component.find() is component]


def _as_is(step: Builder, made: Select | list[Link]) -> list[Link]:
    """The step as it stands, if it stands for a ``select()`` as well. Raises :exc:`Refused` if its modern form is another."""
    own = step.link(step.step.method)
    if not isinstance(made, list) or [(own.arguments, own.joiner)] != [(link.arguments, link.joiner) for link in made]:
        raise Refused("mixed-value")
    return [own]


def chains_of(file: File, stage: str, records: list[Record]) -> list[Chain]:
    """The chains of the records of one file."""
    steps = {r.node: r for r in records if isinstance(r, Step)}
    creations = {r.node: r for r in records if isinstance(r, Creation)}
    iterations = {r.node: r for r in records if isinstance(r, Iteration)}
    continued = {r.receiver for r in steps.values()}
    found: list[Chain] = []
    for node in [
        *steps,
        *(c for c in creations if c not in steps),
        *(i for i in iterations if i not in steps and i not in creations),
    ]:
        if node in continued:
            continue
        chain_steps: list[Step] = []
        base = node
        while base in steps:
            chain_steps.append(steps[base])
            base = steps[base].receiver
        chain_steps.reverse()
        creation = creations.get(base)
        function = (chain_steps[-1] if chain_steps else creation or iterations[node]).function
        ended = bool(chain_steps) and chain_steps[-1].after is None
        found.append(
            Chain(file, stage, function, base, creation, chain_steps, iterations.get(node) if not ended else None)
        )
    return found
