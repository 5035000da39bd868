"""What opens a legacy session: factories, the functions that hand out their sessions, and the names a shim keeps for them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Literal

from alchemove_codemods.analysis.transactions.bound_later import bound_later
from alchemove_codemods.analysis.transactions.database_objects import DatabaseObjects
from alchemove_codemods.analysis.transactions.lazily import Lazily, only_value
from alchemove_codemods.analysis.transactions.makers import (
    is_maker,
    is_session_class,
    made,
    makes_engine,
    returned,
    unpacked,
)
from alchemove_codemods.analysis.transactions.names import Origin, enclosing, origin
from alchemove_codemods.analysis.transactions.registries import inner_factory
from alchemove_codemods.analysis.transactions.targets import Settings, Target, targets
from alchemove_codemods.analysis.transactions.wrappers import Wrapping, handed_out, wrapping
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.program import Program

Kind = Literal["factory", "manager", "generator"]
_SHIM: dict[str, tuple[Kind, bool]] = {
    "SessionLocal": ("factory", False),
    "get_db": ("generator", False),
    "get_session": ("generator", False),
    "get_db_session": ("manager", True),
}


_SHIMMED = "LegacyDatabase:"
"""With the line of the shim behind it: the name of the one factory that all its names lead to."""


@dataclass(frozen=True, slots=True)
class Opener:
    """Something that opens a session when it is called.

    ``factory`` gives a session, ``manager`` a context manager of one, ``generator`` yields one. ``commits`` says that leaving the block commits.
    ``target`` is what takes its place, None where ``alchemove init`` has not run; ``problem`` is the reason why it cannot be replaced. ``behind`` are the
    globals that it calls in turn, down to the factory.
    """

    kind: Kind
    commits: bool
    settings: Settings
    home: Origin
    target: Target | None = None
    problem: str = ""
    detail: str = ""
    behind: frozenset[Origin] = frozenset()

    @property
    def origins(self) -> frozenset[Origin]:
        """All globals that lead to the factory, and that itself."""
        return self.behind | {self.home}

    def called(self, where: Origin) -> Opener:
        """The same, had from the global *where*."""
        return replace(self, home=where, behind=self.origins)


class Openers:
    """Answers what opens sessions in one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.objects = DatabaseObjects(program)
        self.targets = targets(program, self.objects)
        self._known: dict[Origin, Opener | None] = {}
        self._lazily = Lazily(program, self.targets)

    def of(self, function: FunctionFacts, node: ast.expr) -> Opener | None:
        """What *node*, the function of a call inside *function*, opens; None if that is no session of a known factory."""
        found = origin(self.program, function, node) or self.objects.origin(function, node)
        return self.at(found) if found is not None else self._made_here(function, node)

    def at(self, where: Origin) -> Opener | None:
        """What the global *where* opens, or the attribute of one."""
        if where not in self._known:
            self._known[where] = None
            module = self.program.module(where[0]) if where[0] in self.program.raw else None
            found = self._decide(module, where) if module is not None else None
            self._known[where] = self._checked(found) if found is not None else None
        return self._known[where]

    def _checked(self, opener: Opener) -> Opener:
        if opener.problem:
            return opener
        if opener.target is None:
            if not self.targets:
                return replace(opener, problem="not-initialised")
            path, name = opener.home
            return replace(opener, problem="other-database", detail=f"{name} of {path}" if name else path)
        own, new = opener.settings, opener.target.settings
        if own.strange or new.strange:
            return replace(opener, problem="session-options", detail=own.strange or new.strange)
        if own.get("autoflush") != new.get("autoflush"):
            return replace(opener, problem="session-options", detail=f"autoflush={own.get('autoflush')}")
        return opener

    def _decide(self, module: ModuleFacts, where: Origin) -> Opener | None:
        exported = self._exported(module, where)
        if exported is not None:
            return exported
        if "." in where[1]:
            return self._of_object(where)
        bindings = [b for b in module.bindings.get(where[1], []) if not b.checking]
        match [b.node for b in bindings]:
            case [ast.Call() as call]:
                return self._factory(module, call, where)
            case [ast.FunctionDef() as function]:
                return self._function(module.functions[function], function, where)
            case [ast.Name() | ast.Attribute() as node]:
                inner = self.of(module.body, node)
                return inner.called(where) if inner is not None else None
            case [ast.Assign()]:
                return self._unpacked(module, where)
        return None

    def _of_object(self, where: Origin) -> Opener | None:
        """What an attribute or method of an object opens: ``database.SessionLocal``, ``database.session``."""
        method = self.objects.method(where)
        if method is not None and isinstance(method.node, ast.FunctionDef):
            return self._function(method, method.node, where)
        match self.objects.made(where):
            case [function, ast.Call() as call] if is_maker(function, call.func):
                given = made(function, call)
                return Opener("factory", False, given.settings, where, self._by_engine(function, given.bind))
        return None

    # factories ----------------------------------------------------------------------------------------------------

    def _factory(self, module: ModuleFacts, call: ast.Call, where: Origin) -> Opener | None:
        name = last_name(call.func)
        if name == "contextmanager" and len(call.args) == 1:
            inner = self.of(module.body, call.args[0])
            return (
                replace(inner.called(where), kind="manager")
                if inner is not None and inner.kind == "generator"
                else None
            )
        if not is_maker(module.body, call.func):
            return None
        given, function = made(module.body, call), module.body
        if given.bind is None and (later := bound_later(self.program, where)) is not None:
            function, bind = later
            given = replace(given, bind=bind)
        target = self._by_engine(function, given.bind) or next((t for t in self.targets if t.engine == where), None)
        target = target or self._lazily.kept(function, given.bind)
        return Opener("factory", False, given.settings, where, target)

    def _made_here(self, function: FunctionFacts, node: ast.expr) -> Opener | None:
        """The factory that *function* makes for itself: ``factory = sessionmaker(bind=engine)``, or called at once."""
        if isinstance(node, ast.Name) and enclosing(function, node.id) is function:
            value = only_value(function, node.id)
            node = value if isinstance(value, ast.Call) else node
        if not isinstance(node, ast.Call) or not is_maker(function, node.func):
            return None
        given = made(function, node)
        where = (function.module.path, "")
        return self._checked(Opener("factory", False, given.settings, where, self._by_engine(function, given.bind)))

    def _unpacked(self, module: ModuleFacts, where: Origin) -> Opener | None:
        """``SessionLocal, engine = connect(url)``: the function of the program makes both, bound to each other."""
        found = unpacked(module, where[1])
        home = origin(self.program, module.body, found[0].func) if found is not None else None
        source = self.program.module(home[0]) if home is not None and home[0] in self.program.raw else None
        if found is None or home is None or source is None:
            return None
        _, position, names = found
        function = next((f for f in source.functions.values() if f.name == home[1] and f.owner is None), None)
        inner = returned(function, position) if function is not None else None
        if function is None or inner is None or not is_maker(function, inner[0].func):
            return None
        given = made(function, inner[0])
        bound = given.bind.id if isinstance(given.bind, ast.Name) else None
        target = None
        if bound in inner[1] and inner[1].index(bound) < len(names):
            engine = (module.path, names[inner[1].index(bound)])
            target = next((t for t in self.targets if t.engine == engine), None)
        return Opener("factory", False, given.settings, where, target)

    def session(self, function: FunctionFacts, call: ast.Call) -> Opener | None:
        """What ``Session(engine)``, called in *function*, opens; None where the engine is none of the program's globals."""
        if not is_session_class(function, call.func):
            return None
        given = made(function, call)
        if not isinstance(given.bind, (ast.Name, ast.Attribute)):
            return None
        target = self._by_engine(function, given.bind)
        found = origin(self.program, function, given.bind)
        home = self.program.module(found[0]) if found is not None and found[0] in self.program.raw else None
        if target is None and (found is None or home is None or not makes_engine(home, found[1])):
            return None
        return self._checked(Opener("factory", False, given.settings, found or (function.module.path, ""), target))

    def lazily(self, function: FunctionFacts, call: ast.Call) -> Opener | None:
        """What *call* in *function* opens where functions make the engine or the factory when they are first needed."""
        found = self._lazily.opened(function, call)
        if found is None:
            return None
        return self._checked(Opener("factory", False, found.settings, (function.module.path, ""), found.target))

    def registry(self, function: FunctionFacts, call: ast.Call) -> Opener | None:
        """What ``registry()`` opens, where *function* alone uses that ``scoped_session``."""
        found = inner_factory(self.program, function, call)
        if found is None:
            return None
        home, inner = found
        where = origin(self.program, function, call.func) or (home.path, "")
        if isinstance(inner, ast.Call):
            made_there = self._factory(home, inner, where)
            return self._checked(made_there) if made_there is not None else None
        opener = self.of(home.body, inner) or self.of_shim(home, inner)
        return opener.called(where) if opener is not None and opener.kind == "factory" else None

    def _by_engine(self, function: FunctionFacts, bind: ast.expr | None) -> Target | None:
        """The session module of the engine that something is bound to in *function*."""
        match bind:
            case ast.Attribute(value=database, attr="sync_engine"):
                found = origin(self.program, function, database)
                return next((t for t in self.targets if found is not None and t.database == found), None)
            case ast.Attribute(value=ast.Name(id=name), attr="engine") if shim := legacy_of(function.module, name):
                return self._target_of(function.module, shim)
            case ast.Name() | ast.Attribute():
                found = origin(self.program, function, bind) or self._of_self(function, bind)
                home = self.program.module(found[0]) if found is not None and found[0] in self.program.raw else None
                entry = shim_entry(home, found[1]) if home is not None and found is not None else None
                if entry is not None and home is not None and entry[1] == "engine":
                    return self._target_of(home, entry[0])
                return next((t for t in self.targets if found is not None and t.engine == found), None)
        return None

    def _of_self(self, function: FunctionFacts, bind: ast.expr) -> Origin | None:
        """The attribute that holds the engine *bind* in a method of an object: that, or the variable that it is given."""
        found = self.objects.origin(function, bind)
        if found is None and isinstance(bind, ast.Name) and enclosing(function, bind.id) is function:
            found = self.objects.same(function, bind.id)
        return found if found is not None and self.objects.made(found) is not None else None

    # what a shim exports ------------------------------------------------------------------------------------------

    def _exported(self, module: ModuleFacts, where: Origin) -> Opener | None:
        found = shim_entry(module, where[1])
        if found is None:
            return None
        shim, stands_for = found
        if stands_for in _SHIM:
            return self._shim_opener(module, shim, stands_for, where)
        if stands_for and stands_for != where[1]:
            path, _, name = stands_for.rpartition(":")
            home = self.program.find_module(path, module.path) if path else module.path
            return self.at((home, name)) if home is not None else None
        return None

    def _shim_opener(self, module: ModuleFacts, shim: ast.Call, name: str, where: Origin) -> Opener:
        kind, commits = _SHIM[name]
        opener = Opener(kind, commits, made(module.body, shim).settings, where, self._target_of(module, shim))
        # Whatever the shim gives has its one factory.
        return replace(opener, behind=frozenset({(module.path, f"{_SHIMMED}{shim.lineno}")}))

    def _target_of(self, module: ModuleFacts, shim: ast.Call) -> Target | None:
        """The session module of the database that a shim was made with."""
        database = origin(self.program, module.body, shim.args[0]) if shim.args else None
        return next((t for t in self.targets if t.database == database), None)

    # functions that hand out sessions -----------------------------------------------------------------------------

    def _function(self, function: FunctionFacts, node: ast.FunctionDef, where: Origin) -> Opener | None:
        """What the function of a module opens, or the method of an object."""
        bound = function.owner is not None and function.is_method
        if (wrapped := wrapping(node, bound=bound)) is not None:
            return self._wrapper(function, wrapped, where)
        if (call := handed_out(node, bound=bound)) is None:
            return None
        inner = self.of(function, call.func) or self.of_shim(function.module, call.func)
        if inner is not None and (call.args or call.keywords):
            return None
        inner = inner or self.session(function, call) or self.lazily(function, call)
        return inner.called(where) if inner is not None and inner.kind == "factory" else None

    def _wrapper(self, function: FunctionFacts, found: Wrapping, where: Origin) -> Opener | None:
        inner = self.of(function, found.opened) or self.of_shim(function.module, found.opened)
        if inner is None:
            return None
        kind: Kind = "manager" if function.decorated("contextmanager") else "generator"
        commits = found.commits or inner.commits
        if inner.problem or found.plain:
            return replace(inner.called(where), kind=kind, commits=commits)
        line = getattr(found.extra, "lineno", None)
        what = (
            f"{function.name}() takes arguments"
            if line is None
            else f"{function.name}(): {function.module.path}:{line}"
        )
        return replace(inner.called(where), kind=kind, commits=commits, problem="wrapper-does-more", detail=what)

    def of_shim(self, module: ModuleFacts, node: ast.expr) -> Opener | None:
        """What *node* of *module* opens under the name of the shim: ``legacy.SessionLocal``."""
        match node:
            case ast.Attribute(value=ast.Name(id=name) as holder, attr=attr) if attr in _SHIM:
                path, known = origin(self.program, module.body, holder) or (module.path, name)
                home = self.program.module(path) if path in self.program.raw else None
                shim = legacy_of(home, known) if home is not None else None
                return self._shim_opener(home, shim, attr, (path, f"{known}.{attr}")) if home and shim else None
        return None


def shim_entry(module: ModuleFacts, name: str) -> tuple[ast.Call, str] | None:
    """The ``LegacyDatabase(...)`` whose ``export()`` in *module* announces *name*, and what it says that *name* stands for."""
    for node in module.source.tree.body:
        match node:
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=shim), attr="export"), keywords=keywords)
            ):
                made = legacy_of(module, shim)
                entry = next((k.value for k in keywords if k.arg == name), None)
                if made is None or entry is None:
                    continue
                match entry:
                    case ast.Constant(value=str()):
                        return made, name
                    case ast.Tuple(elts=[ast.Constant(value=str(text)), _]):
                        return made, text
                    case ast.Tuple(elts=[ast.Attribute(value=ast.Name(id=owner), attr=attr), _]) if owner == shim:
                        return made, attr
                    case ast.Tuple(elts=[ast.Name(id=kept), _]):
                        return made, f":{kept}"
    return None


def legacy_of(module: ModuleFacts, name: str) -> ast.Call | None:
    """The call of ``LegacyDatabase`` that *name* of *module* is bound to."""
    match [b.node for b in module.bindings.get(name, [])]:
        case [ast.Call(func=function) as call] if last_name(function) == "LegacyDatabase":
            return call
    return None
