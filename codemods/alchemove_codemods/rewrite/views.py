"""What a rule is given: one construct of a chain with its facts, and the means to write its modern form."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.existence import Existence, existence
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.analysis.records import Creation, Iteration, Step
from alchemove_codemods.analysis.rows import rows_can_repeat
from alchemove_codemods.analysis.untouched import stays_untouched
from alchemove_codemods.facts import ClassFacts
from alchemove_codemods.frozen import dataclass, replace
from alchemove_codemods.rewrite.autoflush import autoflushes
from alchemove_codemods.rewrite.configures import mapped_argument
from alchemove_codemods.rewrite.entity_names import name_of
from alchemove_codemods.rewrite.existence import inside_out
from alchemove_codemods.rewrite.layout import Link, Place, Select, Wrapped, bare, render
from alchemove_codemods.values import Class, Element, Query, Sql, State, Value

if TYPE_CHECKING:
    from alchemove_codemods.rewrite.chain import Chain
    from alchemove_codemods.rewrite.file import File


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule declines: the declared reason and what is particular here."""

    reason: str
    detail: str = ""


class Refused(Exception):
    """Raised inside a rule by a helper that finds a reason to decline."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.refusal = Refusal(reason, detail)


@dataclass(eq=False)
class View:
    """What every rule can ask."""

    chain: Chain

    @property
    def file(self) -> File:
        """The file the construct stands in."""
        return self.chain.file

    def text(self, node: ast.AST) -> str:
        """The text of *node*, with what is rewritten inside it."""
        return self.file.text(node)

    def name(self, symbol: str, package: str = "sqlalchemy") -> str:
        """How ``package.symbol`` is written in this file; imported if need be."""
        return self.file.imports.use(symbol, package)

    @property
    def models(self) -> Models:
        """What is known of mapped classes."""
        return self.file.knowledge.models

    def name_of_entity(self, entity: Value | None) -> str | None:
        """How the class or alias *entity* is written at this place, None if it has no plain name here."""
        return name_of(entity, self.chain)


@dataclass(eq=False)
class Called(View):
    """A method call on a query (also an attribute or item taken from it)."""

    step: Step

    @property
    def before(self) -> State:
        """What is known of the query before this step."""
        return self.step.before.state

    @property
    def call(self) -> ast.Call:
        """The call."""
        assert isinstance(self.step.node, ast.Call)
        return self.step.node

    @property
    def positional(self) -> list[ast.expr]:
        """The positional arguments."""
        return self.call.args

    def keyword(self, name: str) -> ast.expr | None:
        """The keyword argument *name*."""
        return next((k.value for k in self.call.keywords if k.arg == name), None)

    def value(self, node: ast.expr) -> Value:
        """What the argument *node* is."""
        arguments: list[ast.expr] = [a.value if isinstance(a, ast.Starred) else a for a in self.call.args]
        arguments += [k.value for k in self.call.keywords]
        for argument, value in zip(arguments, self.step.values):
            if argument is node:
                return value
        raise LookupError(ast.unparse(node))

    @property
    def joiner(self) -> str:
        """The text between what the method is called on and its name, but for closing parentheses."""
        between = self._between
        return between[len(self.closing) :]

    @property
    def closing(self) -> str:
        """The end of the parentheses around what the method is called on."""
        source, between = self.file.module.source, self._between
        if source.start(self.step.node) == source.start(self.step.receiver):
            return ""
        return between[: _after_parentheses(between)]

    @property
    def _between(self) -> str:
        source = self.file.module.source
        node = self.step.node
        function = node.func if isinstance(node, ast.Call) else node
        end = source.end(function) - len(function.attr) if isinstance(function, ast.Attribute) else source.end(node)
        return self.file.edits.segment(source.end(self.step.receiver), end)

    @property
    def arguments(self) -> str:
        """The arguments with their parentheses, as they stand."""
        source = self.file.module.source
        return self.file.edits.segment(source.end(self.call.func), source.end(self.call))

    def link(self, name: str, arguments: str | None = None) -> Link:
        """The link that takes the place of this one."""
        return Link(name, self.arguments if arguments is None else arguments, self.joiner)


def _after_parentheses(text: str) -> int:
    """Where the last closing parenthesis of *text* ends that is not in a comment."""
    end = 0
    for match in re.finditer(r"#[^\r\n]*|\)", text):
        if match.group() == ")":
            end = match.end()
    return end


@dataclass(eq=False)
class Builder(Called):
    """A step that leaves a query: a rule gives the links that take its place, or a whole new statement.

    ``so_far`` is the statement that the steps before it make.
    """

    so_far: Select


class Ending(View):
    """Where a query ends: a rule gives the text that takes the place of the whole chain."""

    @property
    def query(self) -> Query:
        """The query that ends."""
        raise NotImplementedError

    @property
    def state(self) -> State:
        """What is known of it."""
        return self.query.state

    @property
    def select(self) -> Select:
        """The statement that the chain before builds."""
        return self.chain.select()

    # results -------------------------------------------------------------------------------------------------------

    @property
    def single_entity(self) -> bool:
        """Whether a row of the query is one entity itself."""
        elements = self.known_elements
        return len(elements) == 1 and elements[0].kind in ("entity", "bundle-entity")

    @property
    def known_elements(self) -> tuple[Element, ...]:
        """The elements; raises :exc:`Refused` if they are not known."""
        elements = self.state.elements
        if elements is None:
            raise Refused("unknown-elements")
        if any(e.kind == "unknown" for e in elements):
            raise Refused("unknown-elements")
        entities = [e for e in elements if e.kind in ("entity", "bundle-entity")]
        if entities and any(e.starred for e in elements) and all(e in entities or e.starred for e in elements):
            # One entity alone gives objects, with anything beside it there are rows; ``*columns`` gives rows always.
            raise Refused("unknown-elements")
        return elements

    @property
    def has_entity(self) -> bool:
        """Whether a row holds a mapped object, which makes Query de-duplicate rows."""
        elements = self.known_elements
        return any(e.kind == "entity" for e in elements)

    @property
    def unique(self) -> bool:
        """Whether ``.unique()`` is needed to get the rows that Query gives."""
        if not self.has_entity:
            return False
        if "yield_per" in self.state.must:
            return False
        if "yield_per" in self.state.may:
            raise Refused("maybe-yield-per")
        if not rows_can_repeat(self.state):
            return False
        self._check_hashable()
        return True

    def _check_hashable(self) -> None:
        if any(isinstance(e.value, Sql) and e.value.unhashable for e in self.known_elements):
            raise Refused("unhashable-row")

    @property
    def session(self) -> str:
        """How the session is written here; raises :exc:`Refused` if it cannot be."""
        self._check_autoflush()
        return self.chain.session(self.query)

    def _check_autoflush(self) -> None:
        """A statement of Core constructs alone does not autoflush, a Query does."""
        if self.file.core_autoflush or autoflushes(self.state, self.file.knowledge.sqlalchemy):
            return
        session, function = self.chain.session(self.query), self.chain.function
        if not (session.isidentifier() and stays_untouched(self.file.knowledge, function, session)):
            raise Refused("core-only-autoflush")

    @property
    def _entity_of_table(self) -> str | None:
        """The name of the class whose columns are all there is in a statement that has nothing of the ORM at its surface.

        Selecting from the class makes the statement one of the ORM, which autoflushes, and gives the same FROM where the class has a
        table of its own and nothing else is selected from.
        """
        state = self.state
        if (
            self.file.core_autoflush
            or autoflushes(state, self.file.knowledge.sqlalchemy)
            or self.chain.creation is None
            or state.may - {"limit", "offset", "limit_one", "distinct", "order_by", "where", "unproved-session"}
        ):
            return None
        owners: set[Value | None] = set()
        for element in state.elements or ():
            value = element.value
            clear = isinstance(value, Sql) and value.kind in ("column", "aggregate", "expression") and not value.opaque
            owners |= value.owners if isinstance(value, Sql) and clear and not element.starred else {None}
        # Criteria alone are no proof that a table is in FROM: EXISTS has its own.
        match list(owners), list(state.criteria - owners):
            case [Class(facts=facts, some=False) as owner], []:
                plain = not any(
                    c is not facts and self.models.is_mapped(c) and "__tablename__" in c.members
                    for c in self.models.ancestors(facts)
                )
                if plain and self.models.closed(facts) and not self.models.polymorphic(facts):
                    return self.name_of_entity(owner)
        return None

    @property
    def place(self) -> Place:
        """Where the chain stands."""
        source = self.file.module.source
        start, top = self.chain.start, source.start(self.chain.top)
        indent = source.indent_at(start)
        unit = "\t" if "\t" in indent else "    "
        head = source.indent_at(top) if source.line_of(start) != source.line_of(top) else None
        return Place(indent, unit, source.newline, *self.file.room(self.chain.top), head)

    @property
    def tail_joiner(self) -> str:
        """What stands before the names of the methods that follow the result."""
        return "."

    def run(self, *methods: str, select: Select | None = None, via: str | None = None, extra: str = "") -> str:
        """The statement run on the session by ``scalars`` or ``execute``, and *methods* called on the result.

        ``.unique()`` is put in where it is needed. ``via`` is the method of the session; *extra* further arguments.
        """
        method = via or ("scalars" if self.single_entity else "execute")
        names = ["unique", *methods] if method != "scalar" and self.unique else list(methods)
        return self.running(method, select or self.select, names, extra)

    def running(
        self,
        method: str,
        select: Select,
        names: list[str],
        extra: str = "",
        joiner: str | None = None,
        session: str | None = None,
    ) -> str:
        """The statement run by *method* of the session, then the methods *names* of the result, the first after *joiner*.

        ``session`` is how the session is written where it need not be asked whether the statement autoflushes.
        """
        entity = self._entity_of_table if session is None else None
        if entity is not None:
            session = self.chain.session(self.query)
            select = replace(select, links=(Link("select_from", f"({entity})"), *select.links))
        joiner = self.tail_joiner if joiner is None else joiner
        plain = bare(joiner)
        tail = tuple(
            Link(n, "()" if not n.endswith((")", "rowcount")) else "", joiner if i == 0 else plain)
            for i, n in enumerate(names)
        )
        return self.wrap(f"{session or self.session}.{method}(", select, f"{extra})", tail)

    def wrap(self, before: str, select: Select, after: str = ")", tail: tuple[Link, ...] = ()) -> str:
        """*before* + *select* + *after* + *tail*, laid out as the chain was."""
        return render(Wrapped(before, select, after, tail), self.place)


@dataclass(eq=False)
class Terminal(Ending, Called):
    """A method, attribute or item that ends the query."""

    @property
    def query(self) -> Query:
        """The query that ends."""
        return self.step.before

    def with_state(self, state: State) -> Terminal:
        """The same ending with *state* for what is known of the query."""
        changed = Step(
            self.step.node,
            self.step.method,
            self.step.receiver,
            replace(self.step.before, state=state),
            None,
            self.step.function,
            self.step.values,
        )
        return Terminal(self.chain, changed)

    @property
    def tail_joiner(self) -> str:
        """The joiner of the terminal, so that a result on its own line stays there."""
        node = self.step.node
        return self.joiner if isinstance(node, (ast.Call, ast.Attribute)) else "."

    @property
    def statement_only(self) -> bool:
        """Whether the value of the expression is thrown away."""
        return isinstance(self.file.parents.get(self.step.node), ast.Expr)


@dataclass(eq=False)
class Iterated(Ending):
    """A query that is gone through."""

    iteration: Iteration

    @property
    def query(self) -> Query:
        """The query that is gone through."""
        return self.iteration.query

    def unless_other(self, text: str) -> str:
        """*text* if the variable holds a statement, or what else it holds."""
        variable = self.file.text(self.iteration.node)
        chosen = f"{text} if isinstance({variable}, {self.file.select_class()}) else {variable}"
        around = self.file.parents.get(self.iteration.node)
        open_ended = isinstance(around, (ast.For, ast.Call, ast.YieldFrom, ast.Assign))
        return chosen if open_ended else f"({chosen})"


@dataclass(eq=False)
class Created(View):
    """A place where a query is made: a rule gives the head of the statement."""

    creation: Creation

    @property
    def owner(self) -> ClassFacts | None:
        """The class whose dynamic relationship this is."""
        return self.creation.owner

    @property
    def comment_before_call(self) -> str:
        """A comment between the session and ``.query``, which has to stay."""
        node = self.creation.node
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            return ""
        source = self.file.module.source
        between = source.text[source.end(node.func.value) : source.end(node.func) - len(node.func.attr)]
        return between[: between.rindex(".")] if "#" in between else ""

    @property
    def entities(self) -> str:
        """The text of what is selected, as arguments."""
        source = self.file.module.source
        match self.creation.node:
            case ast.Call(func=function) as call if self.creation.kind == "session-query":
                at, text = source.end(function), ""
                for argument in call.args:
                    modern = self._modern(argument)
                    if modern is not None:
                        text += self.file.edits.segment(at, source.start(argument)) + modern
                        at = source.end(argument)
                return text + self.file.edits.segment(at, source.end(call))
        return "(" + ", ".join(self.argument_text(a) for a in self.creation.arguments) + ")"

    def _modern(self, node: ast.expr) -> str | None:
        """The argument *node* where it has to be written in another form."""
        if (found := self._existence(node)) is not None:
            return inside_out(self.file, found)
        return self._mapper(node)

    def _mapper(self, node: ast.expr) -> str | None:
        """The argument *node* if it is the mapped class by which the query configured the mappers, and the statement has to."""
        if self.chain.configures and node is mapped_argument(self.creation, self.models):
            return self.chain.through_mapper(self.text(node))
        return None

    def _existence(self, node: ast.expr) -> Existence | None:
        """*node* if it is an ``exists()`` that has to be written from the inside to make the statement one of the ORM."""
        state = self.creation.query.state
        after = next((s.after for s in reversed(self.chain.builders) if s.after is not None), state)
        value = dict(zip(self.creation.arguments, (e.value for e in state.elements or ()))).get(node)
        written = isinstance(value, Sql) and value.kind == "exists" and value.source is not None
        return existence(node) if written and "orm" not in after.must else None

    def argument_text(self, node: ast.expr) -> str:
        """The text of the argument *node*, with the star before it if there is one."""
        call = self.creation.node
        starred = isinstance(call, ast.Call) and any(isinstance(a, ast.Starred) and a.value is node for a in call.args)
        return f"*{self.text(node)}" if starred else self._mapper(node) or self.text(node)
