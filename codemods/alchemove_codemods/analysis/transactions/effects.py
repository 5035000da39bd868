"""What a call does with the session that it is given, or that it reaches through an object; functions of the program are followed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.transactions.asking import is_count
from alchemove_codemods.analysis.transactions.awaiting import awaited
from alchemove_codemods.analysis.transactions.by_name import taking_a_session
from alchemove_codemods.analysis.transactions.decorators import closed_by_decorator
from alchemove_codemods.analysis.transactions.failing import call_may_fail, may_fail
from alchemove_codemods.analysis.transactions.models import Columns
from alchemove_codemods.analysis.transactions.promises import plain_annotation
from alchemove_codemods.analysis.transactions.reach import Kept, Level, Reach, is_query, named_outside, receiver_method
from alchemove_codemods.analysis.transactions.reading import builds, reads_only
from alchemove_codemods.analysis.transactions.vocabulary import (
    ENDINGS,
    LOGGING,
    ONE_OBJECT,
    READS,
    RUNNING,
    SAFE_FUNCTIONS,
    SCALAR_METHODS,
    SESSION_METHODS,
    SESSION_READS,
    SESSION_WRITES,
    WRITES,
)
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name, local_names
from alchemove_codemods.values import NOTHING, Class, Function, Instance, Query, Value, parts

Kind = Literal["read", "write", "commit", "rollback", "close", "refresh", "key", "work", "unknown", "called"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at *node*; ``work`` is anything that the outside could see or that could fail.

    ``summary`` is what a called function of the program does, ``detail`` names what is not known.
    """

    kind: Kind
    node: ast.AST
    detail: str = ""
    summary: Summary | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a function does in the transaction it is called in.

    ``clean`` and ``dirty`` are the phases in which it can leave one that came in so (True: something is written and not committed).
    ``closes`` is the place where it closes the session, ``gives`` the level of what it returns, ``loaded`` says that this is objects that do not ask the session later; ``unknown`` says what
    could not be followed, and where; ``raises`` that an exception may take objects along.
    """

    clean: frozenset[bool] = frozenset({False})
    dirty: frozenset[bool] = frozenset({True})
    commits: bool = False
    closes: str = ""
    gives: Level = Level.OBJECT
    unknown: str = ""
    loaded: bool = False
    raises: bool = False


_MOST_METHODS = 12
"""How many methods of one name are followed where it is not known which one is called."""
UNFOLLOWED = Summary(clean=frozenset({False, True}), gives=Level.HOLDER)


@dataclass(frozen=True, slots=True)
class Given:
    """What a function is called with: the level of each parameter, and which of them are the session itself."""

    levels: frozenset[tuple[str, Level]]
    sessions: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Effects:
    """Events of expressions anywhere in a program, and the summaries of its functions.

    ``runs`` are the methods by which the session runs statements: SQLModel's has ``exec()``, too.
    """

    knowledge: Knowledge
    kept: Kept
    runs: frozenset[str] = RUNNING
    columns: Columns = field(init=False)
    _summaries: dict[tuple[FunctionFacts, Given], Summary | None] = field(default_factory=dict)
    wanted: dict[FunctionFacts, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = Columns(self.knowledge)

    def reach(self, function: FunctionFacts, body: list[ast.stmt], given: Given) -> Reach:
        """How the names of *function* are tied to the session while *body* runs."""
        reach: Reach

        def gives(node: ast.Call | ast.Attribute) -> Level | None:
            if isinstance(node, ast.Attribute):
                return self._given_by_property(node, reach)
            found = self.callees(function, node, reach)
            if not found or any(callee.name == "__init__" for callee, _ in found):
                return None
            return max(self.summary(callee, bound).gives for callee, bound in found)

        names = local_names(function.node) if not isinstance(function.node, ast.Module) else function.module.bindings

        def loaded(node: ast.Call) -> bool | None:
            found = self.callees(function, node, reach)
            return all(self.summary(callee, bound).loaded for callee, bound in found) if found else None

        outside = named_outside(function, body)
        reach = Reach.__new__(Reach)
        reach.__init__(body, dict(given.levels), given.sessions, names, self.kept, self.columns, gives, loaded, outside)  # type: ignore[misc]
        return reach

    def _given_by_property(self, node: ast.Attribute, reach: Reach) -> Level | None:
        """What a property gives, where it is known which one it is."""
        found = []
        for part in parts(self.kept[node.value]) if node.value in self.kept else ():
            cls = part.cls if isinstance(part, Instance) else None
            method = self.knowledge.method(cls, node.attr) if isinstance(cls, ClassFacts) else None
            if part != NOTHING:
                found.append(method)
        if not found or any(m is None or not m.is_property for m in found):
            found = [*self.columns.only_properties(node.attr)]
        if not found:
            return None
        level = reach.level(node.value)
        return max(
            self.summary(m, Given(frozenset({(m.parameters[0].arg, level)}))).gives for m in found if m is not None
        )

    # callees -------------------------------------------------------------------------------------------------------

    def callees(self, function: FunctionFacts, call: ast.Call, reach: Reach) -> list[tuple[FunctionFacts, Given]]:
        """The functions of the program that *call* may reach, with what it gives them; none if it is not one of those."""
        found: dict[FunctionFacts, None] = {}
        known = self.knowledge.calls.get(call.func)
        if known is not None:
            found.update(dict.fromkeys(self.knowledge.overriding(known)))
        for part in parts(self.kept[call.func]) if call.func in self.kept else ():
            match part:
                case Function(facts=facts):
                    found.update(dict.fromkeys(self.knowledge.overriding(facts)))
                case Class(facts=cls):
                    made = self.knowledge.method(cls, "__init__")
                    if made is not None:
                        found[made] = None
        if not found and isinstance(call.func, ast.Name) and reach.level(call.func) is Level.HOLDER:
            found.update(dict.fromkeys(self._named_at_run_time(call.func, reach)))
        if not found and isinstance(call.func, ast.Attribute) and self._by_name(function, call.func, reach):
            named = self.columns.methods(call.func.attr)
            found.update(dict.fromkeys(named if len(named) <= _MOST_METHODS else ()))
        elif not found and isinstance(call.func, ast.Attribute) and _may_be_object(call.func.value, reach):
            found.update(dict.fromkeys(self.columns.of_models(call.func.attr)))
        if not found:
            named = taking_a_session(self.knowledge.program, self.columns, function, call, reach)
            found.update(dict.fromkeys(named if len(named) <= _MOST_METHODS else ()))
        return [(callee, self._given(callee, call, reach)) for callee in found]

    def _named_at_run_time(self, node: ast.Name, reach: Reach) -> list[FunctionFacts]:
        """The methods that ``handler = getattr(self, "_on_" + name)`` can be: all whose names begin so."""
        match reach.bound.get(node.id):
            case [
                ast.Call(
                    func=ast.Name(id="getattr"),
                    args=[_, ast.BinOp(left=ast.Constant(value=str(head)), op=ast.Add()), *_],
                )
            ]:
                return self.columns.beginning(head) if len(head) > 2 else []
            case [
                ast.Call(
                    func=ast.Name(id="getattr"), args=[_, ast.JoinedStr(values=[ast.Constant(value=str(head)), *_]), *_]
                )
            ]:
                return self.columns.beginning(head) if len(head) > 2 else []
        return []

    def _by_name(self, function: FunctionFacts, node: ast.Attribute, reach: Reach) -> bool:
        """Whether a method of an object that is not known has to be looked for by its name."""
        level = reach.level(node.value)
        if (
            not level
            or reach.is_session(node.value)
            or (isinstance(node.value, ast.Name) and node.value.id in _gathering(function))
        ):
            return False
        if level is Level.HOLDER or node.attr not in READS | WRITES:
            return True
        value = self.kept.get(node.value)
        return value is not None and any(
            isinstance(v, Instance) and isinstance(v.cls, ClassFacts) for v in parts(value)
        )

    def _given(self, callee: FunctionFacts, call: ast.Call, reach: Reach) -> Given:
        arguments = getattr(callee.node, "args", None)
        if not isinstance(arguments, ast.arguments):
            return Given(frozenset())
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        rest = _gathering(callee)
        levels: dict[str, Level] = {}
        sessions: set[str] = set()

        def give(name: str, node: ast.expr) -> None:
            level = reach.level(node)
            if level:
                levels[name] = max(level, levels.get(name, Level.FREE))
                if name not in rest and reach.is_session(node):
                    sessions.add(name)

        if callee.is_method and names:
            own = names.pop(0)
            if callee.name != "__init__":
                give(own, call.func.value if isinstance(call.func, ast.Attribute) else call.func)
        for index, argument in enumerate(call.args):
            inner = argument.value if isinstance(argument, ast.Starred) else argument
            for name in (
                [names[index]] if index < len(names) and not isinstance(argument, ast.Starred) else [*names, *rest]
            ):
                give(name, inner)
        for keyword in call.keywords:
            for name in [keyword.arg] if keyword.arg in {*names, *(a.arg for a in arguments.kwonlyargs)} else rest:
                if name is not None:
                    give(name, keyword.value)
        return Given(frozenset(levels.items()), frozenset(sessions))

    def summary(self, function: FunctionFacts, given: Given) -> Summary:
        """What *function* does in the transaction of what it is *given*."""
        from alchemove_codemods.analysis.transactions.phases import summarised

        if function not in self.knowledge.interpreted:
            self.wanted[function] = None
        if not given.levels:
            return Summary(gives=Level.FREE)
        key = (function, given)
        if key not in self._summaries:
            self._summaries[key] = None
            made = summarised(self, function, given)
            decorator = closed_by_decorator(self.knowledge.program, function)
            if decorator:
                made = replace(made, closes=decorator)
            returns = getattr(function.node, "returns", None)
            if plain_annotation(returns):
                made = replace(made, gives=Level.FREE)
            self._summaries[key] = made
        return self._summaries[key] or UNFOLLOWED

    # events --------------------------------------------------------------------------------------------------------

    def events(self, function: FunctionFacts, node: ast.AST, reach: Reach) -> Iterator[Event]:
        """What evaluating *node* does, in the order in which it does it (roughly: arguments before calls)."""
        match node:
            case ast.Lambda() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return
            case ast.Call():
                if isinstance(node.func, ast.Attribute):
                    yield from self.events(function, node.func.value, reach)
                for argument in (*node.args, *(k.value for k in node.keywords)):
                    yield from self.events(function, argument, reach)
                yield from self._call(function, node, reach)
                return
            case ast.Attribute(value=base, ctx=ast.Load()):
                yield from self.events(function, base, reach)
                yield from self._attribute(function, node, base, reach)
                return
            case ast.Yield() | ast.YieldFrom() | ast.Await():
                for child in ast.iter_child_nodes(node):
                    yield from self.events(function, child, reach)
                if isinstance(node, (ast.Yield, ast.YieldFrom)) and node.value is not None and reach.level(node.value):
                    yield Event("unknown", node, "yields it")
                yield Event("work", node)
                return
        for child in ast.iter_child_nodes(node):
            yield from self.events(function, child, reach)
        if isinstance(node, ast.comprehension) and reach.level(node.iter):
            yield Event("read", node.iter)
        if may_fail(node, function, reach):
            yield Event("work", node)

    def _attribute(self, function: FunctionFacts, node: ast.Attribute, base: ast.expr, reach: Reach) -> Iterator[Event]:
        level = reach.level(base)
        if is_count(node, reach):
            return
        if not level:
            if may_fail(node, function, reach):
                yield Event("work", node)
            return
        if reach.is_session(base):
            yield Event("read", node)
            return
        value = self.kept.get(base)
        if self.columns.is_key(node, value) and not _gives_key(node, reach):
            yield Event("key", node)
            return
        for found in self.columns.properties(node.attr)[:12] if not self.columns.plain(node, value) else ():
            own = found.parameters[0].arg if found.parameters else ""
            yield Event("called", node, found.name, self.summary(found, Given(frozenset({(own, level)}))))
        yield Event("read", node)

    def _call(self, function: FunctionFacts, node: ast.Call, reach: Reach) -> Iterator[Event]:
        callee = node.func
        name = last_name(callee) or ""
        if isinstance(callee, ast.Attribute) and reach.is_session(callee.value):
            yield self._of_session(function, node, name, reach)
            return
        if isinstance(callee, ast.Attribute) and _is_session_of(callee.value) and name in self.runs | SESSION_METHODS:
            yield self._of_session(function, node, name, reach)
            return
        if _is_session_of(node):
            yield Event("read", node)
            return
        receiver = reach.level(callee.value) if isinstance(callee, ast.Attribute) else Level.FREE
        given = [reach.level(a) for a in (*node.args, *(k.value for k in node.keywords))]
        bound = reach.level(callee) if isinstance(callee, ast.Name) else Level.FREE
        level = max([receiver, bound, *given])
        if level:
            found = self.callees(function, node, reach)
            if found:
                if receiver and name in READS | WRITES and not self._known(callee):
                    # It may be the session after all, or what it gave.
                    yield Event("write" if name in WRITES else "read", node)
                for reached, arguments in found:
                    if isinstance(reached.node, ast.AsyncFunctionDef) and not awaited(function, node):
                        yield Event("unknown", node, f"{reached.name}() is not awaited here")
                    yield Event("called", node, reached.name, self.summary(reached, arguments))
                yield Event("work", node)
                return
            if bound is Level.HOLDER:
                yield Event("unknown", node, f"{name}()")
            else:
                yield from self._unresolved(node, name, receiver, max(given, default=Level.FREE), reach)
                yield from self._run_by_builtin(node)
        if call_may_fail(node, name, reach):
            yield Event("work", node)

    def _of_session(self, function: FunctionFacts, node: ast.Call, name: str, reach: Reach) -> Event:
        if name in ENDINGS:
            return Event(name, node)  # type: ignore[arg-type]
        if name == "refresh":
            return Event("refresh", node)
        if name in self.runs:
            reads = bool(node.args) and reads_only(self.knowledge, function, node.args[0], reach)
            return Event("read" if reads else "write", node)
        if name in SESSION_READS:
            return Event("read", node)
        if name in SESSION_WRITES:
            return Event("write", node)
        return Event("unknown", node, f"{name}()")

    def _unresolved(self, node: ast.Call, name: str, receiver: Level, given: Level, reach: Reach) -> Iterator[Event]:
        callee = node.func
        if receiver:
            assert isinstance(callee, ast.Attribute)
            value = self.kept.get(callee.value)
            local = isinstance(callee.value, ast.Name) and callee.value.id in reach.local
            if name in WRITES and not (local and not _queries(value)):
                yield Event("write", node)
            elif name in READS | WRITES | SCALAR_METHODS:
                yield Event("read", node)
            elif receiver is Level.OBJECT and name not in ("commit", "rollback"):
                yield Event("write", node, name)
            else:
                yield Event("unknown", node, f"{name}()")
            return
        local = (
            isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name) and callee.value.id in reach.local
        )
        if name == "setattr" and _sets_no_session(node, reach):
            yield Event("write", node, name)
        elif (
            local or name in SAFE_FUNCTIONS | SCALAR_METHODS or name in LOGGING or self._makes(callee) or builds(callee)
        ):
            yield Event("read", node)
        elif given is Level.HOLDER:
            yield Event("unknown", node, f"{name}()")
        else:
            # Whoever gets an object may change it, but hardly ends the transaction it belongs to.
            yield Event("write", node, name)

    def _run_by_builtin(self, node: ast.Call) -> Iterator[Event]:
        """What functions of the program do that a builtin calls with objects: ``sorted(users, key=User.rank)``, ``map(lambda u: u.touch(), users)``."""
        for argument in (*node.args, *(k.value for k in node.keywords)):
            calls = (
                [n for n in ast.walk(argument.body) if isinstance(n, ast.Call)]
                if isinstance(argument, ast.Lambda)
                else []
            )
            found = dict.fromkeys(f for c in calls for f in self._methods_of_models(c.func))
            if isinstance(argument, (ast.Name, ast.Attribute)):
                found.update(dict.fromkeys(self._methods_of_models(argument)))
            if any(isinstance(n.func, ast.Name) and n.func.id == "setattr" for n in calls):
                yield Event("write", node)
            for reached in found:
                own = frozenset((p.arg, Level.OBJECT) for p in reached.parameters[:1])
                yield Event("called", node, reached.name, self.summary(reached, Given(own)))

    def _methods_of_models(self, node: ast.expr) -> list[FunctionFacts]:
        """The functions that *node* may name: one of the program, or methods of mapped classes by their name."""
        known = [v.facts for v in parts(self.kept[node]) if isinstance(v, Function)] if node in self.kept else []
        return known or (self.columns.of_models(node.attr) if isinstance(node, ast.Attribute) else [])

    def _known(self, callee: ast.expr) -> bool:
        """Whether it is known which function of the program is called."""
        value = self.kept.get(callee)
        return callee in self.knowledge.calls or (
            value is not None and all(isinstance(v, Function) for v in parts(value))
        )

    def _makes(self, callee: ast.expr) -> bool:
        """Whether *callee* is a class of the program that keeps what it is given: a model, a dataclass, a schema."""
        value = self.kept.get(callee)
        return value is not None and all(isinstance(v, Class) for v in parts(value))


def _gathering(function: FunctionFacts) -> list[str]:
    """The names of ``*args`` and ``**kwargs`` of *function*."""
    arguments = getattr(function.node, "args", None)
    found = (arguments.vararg, arguments.kwarg) if isinstance(arguments, ast.arguments) else ()
    return [a.arg for a in found if a is not None]


def _may_be_object(node: ast.expr, reach: Reach) -> bool:
    """Whether *node* may be an object that the session gave, and is no query."""
    if reach.level(node) is not Level.OBJECT or isinstance(node, ast.Call):
        return False
    bound = reach.bound.get(node.id, []) if isinstance(node, ast.Name) else []
    return not any(is_query(b) and receiver_method(b) not in ONE_OBJECT for b in bound)


def _gives_key(node: ast.Attribute, reach: Reach) -> bool:
    """Whether the object whose key *node* reads was made with a value for it that may be of another type than the column's."""
    base = node.value
    made = reach.bound.get(base.id, []) if isinstance(base, ast.Name) else []
    given = [k.value for call in made if isinstance(call, ast.Call) for k in call.keywords if k.arg == node.attr]
    return not all(isinstance(v, ast.Constant) and isinstance(v.value, int) for v in given)


def _sets_no_session(node: ast.Call, reach: Reach) -> bool:
    """Whether ``setattr(object, name, value)`` stores something that holds no session: it changes the object."""
    return len(node.args) == 3 and reach.level(node.args[2]) is not Level.HOLDER


def _is_session_of(node: ast.expr) -> bool:
    """Whether *node* asks for the session of an object: ``object_session(user)``."""
    return isinstance(node, ast.Call) and last_name(node.func) == "object_session" and len(node.args) == 1


def _queries(value: Value | None) -> bool:
    return value is not None and any(isinstance(v, Query) for v in parts(value))
