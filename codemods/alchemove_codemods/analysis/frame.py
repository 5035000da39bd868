"""The state of one interpretation of one function: its variables, and where its records go."""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import named_sessions
from alchemove_codemods.analysis.annotations import instance_of
from alchemove_codemods.analysis.records import (
    Annotated,
    Creation,
    Escape,
    Iteration,
    Mention,
    Record,
    Removed,
    RowUse,
    Step,
    Suspect,
    Tested,
)
from alchemove_codemods.facts import Binding, ClassFacts, FunctionFacts, ModuleFacts, local_names
from alchemove_codemods.joining import join, join_queries
from alchemove_codemods.trees import walk
from alchemove_codemods.values import (
    BOTTOM,
    UNKNOWN,
    Bottom,
    Class,
    External,
    Function,
    Held,
    Instance,
    Nothing,
    Paginated,
    Plain,
    Query,
    Session,
    Sql,
    Text,
    Unknown,
    Value,
    parts,
    queries_in,
)

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_INERT = frozenset({Unknown, Bottom, Nothing, Text, External, Class, Instance, Function, Session, Sql})
"""Values that neither are nor hold a query."""
_BUILTINS = frozenset(dir(builtins))


class Carried:
    """What one pass of a loop may have read of an earlier one: whether the second pass would see anything else.

    ``partly`` are the variables that only some of the paths that have met so far had assigned, ``read`` those that were
    read then, or before they were assigned at all. ``everything`` says that something looked through all variables.
    """

    __slots__ = ("everything", "partly", "read")

    def __init__(self) -> None:
        self.partly: set[str] = set()
        self.read: set[str] = set()
        self.everything = False

    def within(self, outer: Carried | None) -> None:
        """This pass is over, and was part of one of the loop *outer* around it."""
        if outer is not None:
            outer.partly |= self.partly
            outer.read |= self.read
            outer.everything = outer.everything or self.everything

    def is_seen(self, names: Iterable[str]) -> bool:
        """Whether the next pass may come to something else because it starts with *names* assigned."""
        return self.everything or not self.read.isdisjoint(names)


class Frame:
    """Variables and results while *function* is interpreted.

    ``env`` holds the values at the current point; None means that the point cannot be reached. ``scopes`` holds
    what comprehensions and lambdas bind, innermost last.
    """

    def __init__(
        self, knowledge: Knowledge, function: FunctionFacts, cls: ClassFacts | None = None, recording: bool = True
    ) -> None:
        self.knowledge = knowledge
        self.function = function
        self.cls = cls
        self.recording = recording
        self.env: dict[str, Value] | None = {}
        self.seen: dict[str, Value] = {}
        self.scopes: list[dict[str, Value]] = []
        self.result: Value = BOTTOM
        self.yielded: Value = BOTTOM
        self.breaks: list[dict[str, Value]] = []
        self.continues: list[dict[str, Value]] = []
        self.facts: dict[str, Value] = {}
        self.observed = knowledge.observed.get(function) if recording else None
        self.carried: Carried | None = None
        self.exits: list[dict[str, Value]] | None = None
        """The variables at each ``return``, where somebody asks for them."""
        self.interruptible: list[dict[str, list[Value]]] = []
        """What each block around this point that may be left anywhere has bound by now, the innermost last."""
        self.unreached: dict[str, Value] | None = None
        """The variables of code that is reached only if a context manager swallows an exception."""

    @property
    def module(self) -> ModuleFacts:
        """The module the function stands in."""
        return self.function.module

    # names ---------------------------------------------------------------------------------------------------------

    def lookup(self, name: str) -> Value:
        """What *name* is at this point."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        carried = self.carried
        if self.env is not None and (known := self.env.get(name)) is not None:
            if carried is not None and name in carried.partly:
                carried.read.add(name)
            return known
        if carried is not None:
            carried.read.add(name)
        is_module = isinstance(self.function.node, ast.Module)
        if not is_module and name in local_names(self.function.node):
            return BOTTOM
        if self.cls is not None and name in self.cls.members and is_module:
            binding = self.cls.members[name][-1]
            if isinstance(binding.node, ast.expr):
                return self.knowledge.static(self.module, binding.node, self.cls)
            if isinstance(binding.node, ast.ClassDef):
                return Class(self.module.classes[binding.node])
        outer = self.function.outer
        while outer is not None:
            if name in local_names(outer.node):
                return self.knowledge.read("closure", outer, name, self.function)
            outer = outer.outer
        value = self.knowledge.program.lookup(self.module, name)
        if value is not None:
            return value
        if is_module and name in self.seen:
            return BOTTOM
        return External(f"builtins.{name}") if name in _BUILTINS else UNKNOWN

    def binds(self, name: str) -> bool:
        """Whether the function itself has bound *name* by now."""
        return any(name in scope for scope in (self.env or {}, *self.scopes))

    def owner_of(self, name: str) -> FunctionFacts | None:
        """The function whose scope binds *name* here, None for a name of the module."""
        function: FunctionFacts | None = self.function
        while function is not None and not isinstance(function.node, ast.Module):
            if name in local_names(function.node):
                return function
            function = function.outer
        return None

    def bind(self, name: str, value: Value) -> None:
        """Assign *value* to the variable *name*."""
        if self.env is not None:
            self.env[name] = value
        if self.interruptible:
            bound = self.interruptible[-1].setdefault(name, [])
            if not bound or bound[-1] is not value:
                bound.append(value)
        if self.recording:
            self.knowledge.late_globals.assign(self.function, name, value)
        before = self.seen.get(name, BOTTOM)
        if before is not value:
            if queries_in(value) and name not in self._shared:
                # One name for several queries in turn is nothing that they have to do with each other.
                value = UNKNOWN
            self.seen[name] = join(before, value)

    def is_seen_by_others(self, name: str, value: Value) -> bool:
        """Whether *name*, which is to hold the queries in *value*, is a variable of the module that other functions or files read."""
        if not queries_in(value):
            return False
        source, program = self.module.source, self.knowledge.program
        if not isinstance(self.function.node, ast.Module):
            declared = [n for n in source.of_kind(ast.Global) if name in n.names]
            return bool(declared) and any(n in declared for n in walk(self.function.node))
        functions = [
            *source.of_kind(ast.FunctionDef),
            *source.of_kind(ast.AsyncFunctionDef),
            *source.of_kind(ast.Lambda),
        ]
        return any(
            name not in local_names(function) and any(isinstance(n, ast.Name) and n.id == name for n in walk(function))
            for function in functions
        ) or any(self.module.path in program.graph.direct(path) for path in program.naming(name))

    @functools.cached_property
    def _shared(self) -> frozenset[str]:
        """The names that functions defined inside of this one mention: they may see any value that the name ever had."""
        return frozenset(
            node.id for inner in self.function.inner for node in walk(inner.node) if isinstance(node, ast.Name)
        )

    # records -------------------------------------------------------------------------------------------------------

    def note(self, record: Record) -> None:
        """Keep *record*; one for the same node is joined with it (loops, several rounds)."""
        if not self.recording or self.env is None:
            return
        records = self.knowledge.records.setdefault(self.function, {})
        key = (record.node, type(record).__name__ + getattr(record, "reason", ""))
        old = records.get(key)
        match old, record:
            case (
                (Creation(query=before), Creation(query=after))
                | (Iteration(query=before), Iteration(query=after))
                | (Mention(query=before), Mention(query=after))
                | (Tested(query=before), Tested(query=after))
            ):
                record.query = join_queries(before, after)  # type: ignore[union-attr]
                if isinstance(record, Iteration):
                    record.among = record.among or old.among  # type: ignore[union-attr]
            case Step(before=before, values=old_values), Step(before=after, values=new_values):
                record.before = join_queries(before, after)
                record.as_is = record.as_is or old.as_is
                if len(old_values) == len(new_values):
                    record.values = [join(a, b) for a, b in zip(old_values, new_values)]
            case Escape(component=before), Escape(component=after):
                before.unite(after)
            case RowUse(row=before), RowUse(row=after):
                before.component.unite(after.component)
                if before.elements != after.elements:
                    record.row = type(after)(None, after.component)
            case Removed(values=old_values), Removed(values=new_values):
                record.legacy = record.legacy and old.legacy
                record.values = [join(a, b) for a, b in zip(old_values, new_values)]
            case _:
                pass
        records[key] = record

    def escape(self, node: ast.AST, value: Value, reason: str, detail: str = "") -> None:
        """Every query in *value* leaves what can be followed."""
        if value.__class__ in _INERT:
            return
        for query in queries_in(value):
            self.note(Escape(node, reason, query.component, self.function, detail))
        if reason == "query-inspected" or self.knowledge.tells_paginations_apart:
            for part in parts(value):
                if isinstance(part, Paginated):
                    self.note(Escape(node, "pagination-inspected", part.component, self.function, detail))

    def expose(self, node: ast.AST) -> None:
        """Whatever the function has a name for may be used at *node* in any way: ``locals()``."""
        for scope in (self.env or {}, *self.scopes):
            for value in scope.values():
                self.escape(node, value, "query-escapes")

    def forget(self, node: ast.AST) -> None:
        """Drop the records of *node*: it turned out to be no legacy use."""
        records = self.knowledge.records.get(self.function, {})
        for key in [k for k in records if k[0] is node]:
            del records[key]

    def mention(self, node: ast.expr, value: Value) -> None:
        """*value* is used at *node* in a way that needs no change there; it may also be no query at all (``None``)."""
        for part in parts(value):
            if isinstance(part, Query):
                self.note(Mention(node, part, self.function))

    def tested(self, node: ast.expr, value: Value, *, chosen: bool = False) -> None:
        """*value* is tested for truth; only a variable that holds a query, if anything, can be asked in another way.

        It may be *chosen* thereby: ``query or other``.
        """
        if not queries_in(value):
            return
        records = self.knowledge.records.get(self.function, {})
        if (
            isinstance(node, ast.Name if chosen else (ast.Name, ast.Attribute))
            and all(isinstance(v, (Query, Nothing, Bottom)) for v in parts(value))
            and not any(q.query_class for q in queries_in(value))
            and not any((node, kind) in records for kind in ("Creation", "Step"))
        ):
            for query in queries_in(value):
                self.note(Tested(node, query, self.function, chosen))
        else:
            self.escape(node, value, "truth-test")

    def asked_for_class(self, node: ast.expr, value: Value) -> None:
        """*value* is asked whether it is a Query, by the name *node*: what else it can be is neither that nor a ``select()``."""
        if all(isinstance(v, (Query, Nothing, Bottom, Plain)) for v in parts(value)):
            for query in queries_in(value):
                self.note(Tested(node, query, self.function, of_class=True))
        else:
            self.escape(node, value, "query-inspected")

    def annotation(self, node: ast.expr | None, value: Value) -> None:
        """*node* announces what *value* turned out to be."""
        queries = queries_in(value)
        if node is not None and len(queries) == 1:
            self.note(Annotated(node, queries[0], self.function))

    def suspect(self, node: ast.expr, rule: str, reason: str) -> None:
        """Report *node* without being able to rewrite it."""
        self.note(Suspect(node, rule, reason, self.function))

    # sessions ------------------------------------------------------------------------------------------------------

    def held(self, node: ast.expr | None, value: Value | None = None) -> Held | None:
        """How the session that *node* stands for can be written elsewhere, None if only here."""
        if node is None:
            return None
        if node in self.knowledge.sessions_of_queries:
            return self.knowledge.sessions_of_queries[node]
        text = stable_text(node)
        if text is None:
            if (
                isinstance(node, ast.Call)
                and not node.args
                and not node.keywords
                and isinstance(value, Session)
                and value.flavour in ("scoped", "flask")
            ):
                inner = stable_text(node.func)
                text = f"{inner}()" if inner else None
            if text is None:
                name = named_sessions.name_of(self.function, node)
                return Held(name, name, self.function, named=True) if name is not None else None
        root = text.split(".", 1)[0].split("(", 1)[0].split("[", 1)[0]
        if any(root in scope for scope in self.scopes):
            return Held(text, root, self.function, None)
        owner = self.owner_of(root)
        return Held(text, root, owner) if owner is not None else self.knowledge.global_held(text, self.module)

    def stored_as(self, text: str) -> str | None:
        """The attribute of ``self`` that this function assigns the value of *text* to: ``self.db = db``."""
        own = self.own_instance()
        if own is None:
            return None
        for node in walk(self.function.node):
            if isinstance(node, ast.Assign) and stable_text(node.value) == text:
                for target in node.targets:
                    if (
                        isinstance(target, ast.Attribute)
                        and isinstance(target.value, ast.Name)
                        and target.value.id == own[0]
                    ):
                        return target.attr
        return None

    def inherited(self, name: str) -> tuple[ClassFacts, Binding] | None:
        """The next class of the program that has the method or property ``super().name`` of this function, and how."""
        owner = self.function.owner
        for ancestor in self.knowledge.models.ancestors(owner)[1:] if owner is not None else ():
            bindings = ancestor.members.get(name)
            if bindings and bindings[-1].kind == "function":
                return ancestor, bindings[-1]
        return None

    def own_instance(self) -> tuple[str, Value] | None:
        """The first parameter of a method and what it is."""
        function = self.function
        if function.owner is None or not function.is_method or not function.parameters:
            return None
        cls = function.owner
        name = function.parameters[0].arg
        if (
            function.decorated("classmethod", "expression", "declared_attr")
            or name in ("cls", "mcs", "klass")
            or function.name in ("__new__", "__init_subclass__")
        ):
            return name, Class(cls, some=True)
        return name, instance_of(self.knowledge, Class(cls)) or Instance(cls)


def stable_text(node: ast.expr) -> str | None:
    """The text of a name, an attribute chain or a constant item of one; None for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=attr):
            text = stable_text(inner)
            return f"{text}.{attr}" if text else None
        case ast.Subscript(value=inner, slice=ast.Constant(value=str() | int() as key)):
            text = stable_text(inner)
            return f"{text}[{key!r}]" if text else None
    return None
