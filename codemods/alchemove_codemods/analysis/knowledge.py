"""What is known across functions, and the work list that repeats their interpretation until nothing changes."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.dispatch import Dispatch
from alchemove_codemods.analysis.form_choices import FormChoices
from alchemove_codemods.analysis.late_globals import LateGlobals
from alchemove_codemods.analysis.lineages import Family
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.analysis.occurrences import called_from_outside
from alchemove_codemods.analysis.passing_on import passes_on
from alchemove_codemods.analysis.places import functions_at
from alchemove_codemods.analysis.query_properties import QueryProperties
from alchemove_codemods.analysis.stores import Stores
from alchemove_codemods.facts import Binding, ClassFacts, FunctionFacts, ModuleFacts
from alchemove_codemods.frozen import dataclass
from alchemove_codemods.joining import join
from alchemove_codemods.pinned import Allowed
from alchemove_codemods.program import Program
from alchemove_codemods.query_kinds import QueryClass
from alchemove_codemods.values import (
    BOTTOM,
    UNKNOWN,
    Component,
    External,
    Function,
    Held,
    Module,
    Plain,
    Query,
    Sql,
    Value,
    parts,
    queries_in,
)

if TYPE_CHECKING:
    from alchemove_codemods.analysis.configured import Late
    from alchemove_codemods.analysis.occurrences import Index
    from alchemove_codemods.analysis.persistence import Dynamic
    from alchemove_codemods.analysis.records import Creation, Record
    from alchemove_codemods.analysis.transactions.openers import Openers

_MOST_RUNS = 40
"""How often one function is interpreted at the most; flows that have not settled by then become unknown."""

_DEEPEST = 10
"""How many functions are interpreted on top of each other at the most."""

Key = tuple[str, object, str]


@dataclass(frozen=True, slots=True)
class SessionParameter:
    """The parameter ``name`` that a function gets because it runs the query that its parameter ``root`` brings."""

    root: str
    name: str


@dataclass(frozen=True, slots=True)
class Passing:
    """A call that hands queries to a function of the program: parameter → query, as its caller holds it."""

    node: ast.Call
    function: FunctionFacts
    caller: FunctionFacts
    queries: dict[str, Query]


class Knowledge:
    """Summaries of functions, attributes and names; grows until :meth:`solve` returns."""

    def __init__(self, program: Program, session_names: Iterable[str] = (), line_length: int | None = None) -> None:
        self.line_length = line_length
        self.program = program
        self.models = Models(self)
        self.session_names = frozenset(session_names)
        self.indexes: dict[ModuleFacts, Index] = {}
        self._enclosing: dict[tuple[ModuleFacts, str], list[FunctionFacts]] = {}
        self.records: dict[FunctionFacts, dict[tuple[ast.AST, str], Record]] = {}
        self.calls: dict[ast.AST, FunctionFacts] = {}
        self.settled: dict[ast.AST, Value] = {}
        self.callers: dict[FunctionFacts, dict[FunctionFacts, None]] = {}
        self.attributes_holding: dict[str, dict[Component, None]] = {}
        self.boundaries: dict[Component, dict[FunctionFacts, None]] = {}
        self.pages: dict[Component, dict[FunctionFacts, None]] = {}
        """The functions that return the pagination of a query."""
        self.stand_ins: frozenset[str | None] | None = None
        self.trusted: set[FunctionFacts] = set()
        self.assumed: set[FunctionFacts] = set()
        self._dispatch = Dispatch(self.models)
        self._never_closed: dict[FunctionFacts, bool] = {}
        self.decided = False
        self.observing = False
        self.observed: dict[FunctionFacts, dict[ast.AST, Value]] = {}
        """What every expression is, by the function it stands in, where a stage asks for it."""
        self.sqlalchemy: Allowed | None = None
        """The versions of SQLAlchemy that the project allows, if it says so."""
        self.flask_sqlalchemy: Allowed | None = None
        """Those of Flask-SQLAlchemy."""
        self.any_query_class: tuple[QueryClass] | None = None
        """Which query class a session of unknown origin may have, once somebody has asked."""
        self.query_class_out_of_calls: tuple[QueryClass] | None = None
        """Which one any session may be given by other ways than a call, once somebody has asked."""
        self.replaced: tuple[frozenset[str], str | None] | None = None
        """The methods of queries that the program replaces, and one of its sessions, once somebody has asked."""
        self.extensions: tuple[tuple[ModuleFacts, ast.Call], ...] | None = None
        """The calls that make an extension object with a base class for its models, once somebody has asked."""
        self.made_bases: tuple[tuple[str, ClassFacts], ...] | None = None
        """The global names for bases that factories make, each with a class that the factory was given, once somebody has asked."""
        self.open_questions: dict[FunctionFacts, None] = {}
        """Functions with an ``x.query(y)`` that only their callers can tell to be one of a session."""
        self.option_texts: dict[ast.expr, tuple[ClassFacts, ...]] = {}
        self._openers: Openers | None = None
        self._overriding: dict[FunctionFacts, list[FunctionFacts]] = {}
        self.unsettled: set[FunctionFacts] = set()
        self.dynamic: Dynamic | None = None
        """The dynamic relationships, where there are any and the stage asks for them."""
        self.session_parameters: dict[FunctionFacts, SessionParameter] = {}
        self.named_sessions: dict[Creation, str] = {}
        """The names that sessions without one get, by the query that they make."""
        self.passings: dict[ast.Call, Passing] = {}
        self.passed_on: dict[tuple[FunctionFacts, str], Component] = {}
        """The component of what a parameter brings, inside the function."""
        self.variables: set[ast.AST] = set()
        """Where an attribute is read that a query was stored in."""
        self.choices: dict[Value, tuple[ClassFacts, ...]] = {}
        """The mapped classes that subclasses name for an attribute that a base class leaves to them."""
        self.late: dict[ast.AST, Late] = {}
        """Where an attribute is read that need not exist before the mappers are configured."""
        self.configuring: set[Component] = set()
        """The components that meet such an attribute in another expression than the one that makes the query."""
        self.sessions_of_queries: dict[ast.AST, Held | None] = {}
        """How the session that ``query.session`` reads is written without the query."""
        self.links: dict[tuple[Component, Component], None] = {}
        """The component inside a function, and that of a caller's query."""
        self._facts: dict[Key, Value] = {}
        self._readers: dict[Key, dict[FunctionFacts, None]] = {}
        self._pending: dict[FunctionFacts, None] = {}
        self._depth = 0
        self._runs: dict[FunctionFacts, int] = {}
        self.interpreted: dict[FunctionFacts, None] = {}
        self._static: dict[ast.expr, Value] = {}
        self._classes: dict[str, list[ClassFacts]] = {}
        self.stores = Stores()
        self._required: set[tuple[ClassFacts | Family, str]] = set()
        self.classes_outside: dict[str, bool] = {}
        self.query_properties = QueryProperties(self)
        self.late_globals = LateGlobals(self)
        program.evaluate = self._global_value
        program.assigned_later = self.late_globals.value

    @functools.cached_property
    def tells_paginations_apart(self) -> bool:
        """Whether the program knows that paginations of queries and of statements have classes of their own.

        Where nothing names them, what gets one reads the attributes that they share.
        """
        return bool(self.program.mentioning(b"QueryPagination", b"SelectPagination", b"_query_args"))

    # what is known -------------------------------------------------------------------------------------------------

    def read(self, kind: str, owner: object, name: str, reader: FunctionFacts | None) -> Value:
        """The summary *kind* (``returns``, ``parameter``, ``stored``, ``closure``) of *name*; *reader* is told of changes."""
        key = self._key(kind, owner, name)
        if reader is not None:
            self._readers.setdefault(key, {})[reader] = None
        return self._facts.get(key, BOTTOM)

    def write(self, kind: str, owner: object, name: str, value: Value) -> None:
        """Join *value* into a summary; what read it is interpreted again if it grew."""
        key = self._key(kind, owner, name)
        old = self._facts.get(key, BOTTOM)
        new = join(old, value)
        if new is not old and new != old:
            self._facts[key] = new
            self.program.forget_values()
            for reader in self._readers.get(key, ()):
                if kind != "parameter" or self._counts(reader, old, new):
                    self.schedule(reader)

    def _counts(self, function: FunctionFacts, old: Value, new: Value) -> bool:
        """Whether it matters to *function* that its callers pass *new* instead of *old*."""
        return function in self.trusted or _says_more(new) or _says_more(old)

    def _key(self, kind: str, owner: object, name: str) -> Key:
        """Methods that override each other share what they take and give."""
        if isinstance(owner, FunctionFacts) and owner.owner is not None and kind != "closure":
            owner = self.overriding(owner)[0]
        return (kind, owner, name)

    def reconsider(self, wanted: Callable[[Value], bool]) -> None:
        """Forget what functions give where that is *wanted*, and interpret them again with what is known by now."""
        for key in [k for k, value in self._facts.items() if k[0] in ("returns", "yields") and wanted(value)]:
            del self._facts[key]
            if isinstance(key[1], FunctionFacts):
                for member in self.overriding(key[1]):
                    if member in self.interpreted:
                        self.schedule(member)
        self.program.forget_values()

    def schedule(self, function: FunctionFacts) -> None:
        """Interpret *function* (again)."""
        self._pending[function] = None

    def cross(self, value: Value, function: FunctionFacts) -> None:
        """The queries in *value* are passed to or returned by *function*: all its callers have to be known, and what overrides it."""
        members = self.overriding(function) if (queries := queries_in(value)) else ()
        for query in queries:
            self.boundaries.setdefault(query.component, {}).update(dict.fromkeys(members))
        for member in members:
            self.require(member)

    def require(self, function: FunctionFacts) -> None:
        """Interpret *function* unless that was done."""
        if function not in self.interpreted and function not in self._pending:
            self.schedule(function)

    def give_up(self) -> None:
        """Parameters that may be trusted to hold what known callers pass are decided: the others are unknown from now on.

        So are those that nobody is seen to pass: a framework may.
        """
        self.decided = True
        for function in self.interpreted:
            if function in self.assumed:
                self.schedule(function)

    def solve(self) -> None:
        """Interpret what is scheduled until nothing changes."""
        while self._pending:
            self._interpret(next(iter(self._pending)))

    def ahead(self, function: FunctionFacts) -> None:
        """Interpret *function* before its caller goes on, if it is scheduled for the first time.

        The caller then knows at once what it returns, and need not be interpreted again for it.
        """
        if function in self._pending and function not in self.interpreted and self._depth < _DEEPEST:
            self._depth += 1
            self._interpret(function)
            self._depth -= 1

    def _interpret(self, function: FunctionFacts) -> None:
        from alchemove_codemods.analysis.statements import interpret

        del self._pending[function]
        runs = self._runs[function] = self._runs.get(function, 0) + 1
        if runs > _MOST_RUNS:
            self.unsettled.add(function)
            return
        self.interpreted[function] = None
        self.records[function] = {}
        if self.observing:
            self.observed[function] = {}
        interpret(self, function)

    # static values -------------------------------------------------------------------------------------------------

    @functools.cached_property
    def form_choices(self) -> FormChoices:
        """What the program gives to form fields."""
        return FormChoices(self)

    def static(self, module: ModuleFacts, node: ast.expr, cls: ClassFacts | None = None) -> Value:
        """What *node* is where it stands at the level of a module or class, without flow."""
        known = self._static.get(node)
        if known is None:
            from alchemove_codemods.analysis.expressions import evaluate
            from alchemove_codemods.analysis.frame import Frame

            self._static[node] = BOTTOM
            known = evaluate(Frame(self, module.body, cls=cls, recording=False), node)
            if queries_in(known):
                known = UNKNOWN
            if isinstance(known, type(BOTTOM)):
                del self._static[node]
                return UNKNOWN
            self._static[node] = known
        elif isinstance(known, type(BOTTOM)):
            self.program.cuts += 1
        return known

    def _global_value(self, module: ModuleFacts, name: str, binding: Binding) -> Value:
        if binding.kind == "function":
            return self.function_value(module.functions[binding.node], module)
        if binding.annotation is not None:
            from alchemove_codemods.analysis.annotations import annotated

            # ``BaseModel: DeclarativeMeta = db.Model`` announces a metaclass: what stands there says more.
            given = self.static(module, binding.node) if isinstance(binding.node, ast.Attribute) else UNKNOWN
            value = annotated(self, module, binding.annotation, None)
            if value is not None and given != External("flask_sqlalchemy.Model"):
                return value
        if isinstance(binding.node, ast.expr):
            return self.static(module, binding.node)
        if isinstance(binding.node, ast.Assign):
            return self._one_of_several(module, name, binding.node)
        return UNKNOWN

    def _one_of_several(self, module: ModuleFacts, name: str, node: ast.Assign) -> Value:
        """What ``app, db = create()`` gives the global *name*."""
        value = self.static(module, node.value)
        for target in node.targets:
            match target:
                case ast.Tuple(elts=targets) | ast.List(elts=targets) if isinstance(value, Plain) and value.parts:
                    for inner, piece in zip(targets, value.parts):
                        if isinstance(inner, ast.Name) and inner.id == name and len(targets) == len(value.parts):
                            return piece
        return UNKNOWN

    def hands_out_sessions(self, function: FunctionFacts) -> bool:
        """Whether *function* yields the sessions of a factory that is told by how it is made, if not by its value.

        That is one of several values, ``SessionLocal, engine = connect(url)``, or what a shim announces.
        """
        if self._openers is None:
            from alchemove_codemods.analysis.transactions.openers import Openers

            self._openers = Openers(self.program)
        found = (
            self._openers.at((function.module.path, function.name))
            if function.owner is None and function.outer is None
            else None
        )
        return found is not None and found.kind == "generator"

    def function_value(self, function: FunctionFacts, module: ModuleFacts) -> Value:
        """A function as a value; decorators that replace it by something else make it unknown."""
        for decorator in function.decorators:
            value = self.static(
                module, decorator if not isinstance(decorator, ast.Call) else decorator.func, function.owner
            )
            if isinstance(value, External) and value.last in _REPLACING_DECORATORS:
                return UNKNOWN
        return Function(function)

    def classes_named(self, name: str) -> list[ClassFacts]:
        """All classes of the program with that name."""
        if name not in self._classes:
            found = []
            for path in self.program.defining.get(name, ()):
                module = self.program.module(path)
                found += [c for c in module.classes.values() if c.name == name] if module else []
            self._classes[name] = found
        return self._classes[name]

    # Flask-SQLAlchemy and query_property ----------------------------------------------------------------------------

    def global_held(self, text: str, module: ModuleFacts) -> Held:
        """The session that the expression *text* of the level of *module* holds, with the file that first binds it."""
        root = text.split(".", 1)[0].split("(", 1)[0].split("[", 1)[0]
        home, name, rest = module, root, text[len(root) :]
        while isinstance(value := self.program.lookup(home, name), Module) and rest.startswith("."):
            below = rest[1:].split(".", 1)[0].split("(", 1)[0].split("[", 1)[0]
            home, name, rest = value.facts, below, rest[1 + len(below) :]
        path, name = self.program.origin(home, name) or (home.path, name)
        return Held(text, root, None, module, home=(path, name + rest))

    # attributes of instances ---------------------------------------------------------------------------------------

    def require_storing(self, cls: ClassFacts | Family, name: str) -> bool:
        """Interpret the methods of *cls* that assign ``self.name`` unless that was done; whether there are any."""
        found = self.stores.methods(cls, name)
        if found and (key := (cls, name)) not in self._required:
            # What was required once is interpreted, or will be.
            self._required.add(key)
            for method in found:
                self.require(method)
        return bool(found)

    def method(self, cls: ClassFacts, name: str) -> FunctionFacts | None:
        """The method *name* as *cls* inherits it."""
        for ancestor in self.models.ancestors(cls):
            bindings = ancestor.members.get(name)
            if bindings:
                node = bindings[-1].node
                return ancestor.module.functions.get(node) if bindings[-1].kind == "function" else None
        return None

    def overriding(self, function: FunctionFacts) -> list[FunctionFacts]:
        """All methods that a call of *function* may reach by dynamic dispatch, itself included."""
        if function.owner is None:
            return [function]
        if function not in self._overriding:
            groups = self._dispatch.groups(self.models.family(function.owner), function.name)
            # A constructor is called by the class, and a second definition of a name hides the first.
            alone = function.name in ("__init__", "__new__") or function not in groups
            self._overriding[function] = [function] if alone else groups[function]
        return self._overriding[function]

    def never_closed(self, function: FunctionFacts) -> bool:
        """Whether something outside the program may call *function* with anything: so much can be told beforehand."""
        if function not in self._never_closed:
            self._never_closed[function] = function.name.startswith("test") or called_from_outside(
                self, function, functools.partial(passes_on, self)
            )
        return self._never_closed[function]

    # occurrences ---------------------------------------------------------------------------------------------------

    def enclosing(self, module: ModuleFacts, name: str) -> Iterator[FunctionFacts]:
        """The outermost functions of *module* (or its body) whose text holds the word *name*."""
        key = (module, name)
        if key not in self._enclosing:
            self._enclosing[key] = list(functions_at(module, set(_lines_of(module, name))))
        yield from self._enclosing[key]


def _says_more(passed: Value) -> bool:
    """Whether what callers pass counts for a parameter of which not all callers are known."""
    return bool(queries_in(passed)) or any(isinstance(v, Sql) for v in parts(passed))


def _lines_of(module: ModuleFacts, word: str) -> Iterator[int]:
    """The lines of *module* that hold *word*; finding plain text is many times faster than a pattern with word ends."""
    text, length = module.source.text, len(word)
    at = text.find(word)
    while at >= 0:
        end = at + length
        if not (at and _is_word(text[at - 1])) and not (end < len(text) and _is_word(text[end])):
            yield module.source.line_of(at)
        at = text.find(word, end)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


_REPLACING_DECORATORS = frozenset({"command", "group", "task", "shared_task", "singledispatch", "fixture_union"})
