"""What opens a legacy session: factories, the functions that hand out their sessions, and the names a shim keeps for them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Literal

from alchemove_codemods.analysis.transactions.names import Origin, origin
from alchemove_codemods.analysis.transactions.targets import Settings, Target, targets
from alchemove_codemods.analysis.transactions.wrappers import Wrapping, wrapping
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.program import Program

Kind = Literal["factory", "manager", "generator"]
_PLAIN_CLASSES = frozenset({"Session"})
_SHIM: dict[str, tuple[Kind, bool]] = {
    "SessionLocal": ("factory", False),
    "get_db": ("generator", False),
    "get_session": ("generator", False),
    "get_db_session": ("manager", True),
}
_OPTIONS = frozenset({"autoflush", "expire_on_commit"})
# Given by what they stand for, without effect, or what every session is on 2.x.
_NEUTRAL = {"bind": None, "autocommit": "False", "future": "True", "class_": None}


@dataclass(frozen=True, slots=True)
class Opener:
    """Something that opens a session when it is called.

    ``factory`` gives a session, ``manager`` a context manager of one, ``generator`` yields one. ``commits`` says that leaving the block commits.
    ``target`` is what takes its place, None where ``alchemove init`` has not run; ``problem`` is the reason why it cannot be replaced.
    """

    kind: Kind
    commits: bool
    settings: Settings
    home: Origin
    target: Target | None = None
    problem: str = ""
    detail: str = ""


class Openers:
    """Answers what opens sessions in one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.targets = targets(program)
        self._known: dict[Origin, Opener | None] = {}

    def of(self, function: FunctionFacts, node: ast.expr) -> Opener | None:
        """What *node*, the function of a call inside *function*, opens; None if that is no session of a known factory."""
        found = origin(self.program, function, node)
        return self.at(found) if found is not None else None

    def at(self, where: Origin) -> Opener | None:
        """What the global *where* opens."""
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
            return replace(opener, problem="not-initialised" if not self.targets else "other-database")
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
        bindings = [b for b in module.bindings.get(where[1], []) if not b.checking]
        match [b.node for b in bindings]:
            case [ast.Call() as call]:
                return self._factory(module, call, where)
            case [ast.FunctionDef() as function]:
                wrapped = wrapping(function)
                return self._wrapper(module.functions[function], wrapped, where) if wrapped is not None else None
            case [ast.Name() | ast.Attribute() as node]:
                inner = self.of(module.body, node)
                return replace(inner, home=where) if inner is not None else None
        return None

    # factories ----------------------------------------------------------------------------------------------------

    def _factory(self, module: ModuleFacts, call: ast.Call, where: Origin) -> Opener | None:
        name = last_name(call.func)
        if name == "contextmanager" and len(call.args) == 1:
            inner = self.of(module.body, call.args[0])
            return (
                replace(inner, kind="manager", home=where) if inner is not None and inner.kind == "generator" else None
            )
        if name != "sessionmaker" or not _of_sqlalchemy(module, call.func):
            return None
        given: dict[str, str] = {}
        strange = "" if len(call.args) <= 1 else "class_"
        bind = call.args[0] if call.args else None
        for keyword in call.keywords:
            text = ast.unparse(keyword.value)
            if keyword.arg in _OPTIONS:
                given[str(keyword.arg)] = text
            elif keyword.arg == "bind":
                bind = keyword.value
            elif keyword.arg == "class_" and last_name(keyword.value) in _PLAIN_CLASSES:
                strange = strange or ("class_" if not _of_sqlalchemy(module, keyword.value) else "")
            elif keyword.arg is None or _NEUTRAL.get(keyword.arg) != text:
                strange = str(keyword.arg)
        target = self._by_engine(module, bind)
        return Opener("factory", False, Settings(given, strange), where, target)

    def _by_engine(self, module: ModuleFacts, bind: ast.expr | None) -> Target | None:
        """The session module of the engine that a factory was bound to."""
        match bind:
            case ast.Attribute(value=database, attr="sync_engine"):
                found = origin(self.program, module.body, database)
                return next((t for t in self.targets if found is not None and t.database == found), None)
            case ast.Name() | ast.Attribute():
                found = origin(self.program, module.body, bind)
                return next((t for t in self.targets if found is not None and t.engine == found), None)
        return None

    # what a shim exports ------------------------------------------------------------------------------------------

    def _exported(self, module: ModuleFacts, where: Origin) -> Opener | None:
        found = shim_entry(module, where[1])
        if found is None:
            return None
        shim, stands_for = found
        if stands_for in _SHIM:
            kind, commits = _SHIM[stands_for]
            database = origin(self.program, module.body, shim.args[0]) if shim.args else None
            target = next((t for t in self.targets if t.database == database), None)
            given = {str(k.arg): ast.unparse(k.value) for k in shim.keywords if k.arg in _OPTIONS}
            strange = next((str(k.arg) for k in shim.keywords if k.arg not in _OPTIONS), "")
            return Opener(kind, commits, Settings(given, strange), where, target)
        if stands_for and stands_for != where[1]:
            path, _, name = stands_for.rpartition(":")
            home = self.program.find_module(path, module.path) if path else module.path
            return self.at((home, name)) if home is not None else None
        return None

    # functions that hand out sessions -----------------------------------------------------------------------------

    def _wrapper(self, function: FunctionFacts, found: Wrapping, where: Origin) -> Opener | None:
        inner = self.of(function, found.opened)
        if inner is None and (shim := self._of_shim(function.module, found.opened)) is not None:
            inner = shim
        if inner is None:
            return None
        kind: Kind = "manager" if function.decorated("contextmanager") else "generator"
        problem = inner.problem or ("" if found.plain else "wrapper-does-more")
        return replace(inner, kind=kind, commits=found.commits or inner.commits, problem=problem, home=where)

    def _of_shim(self, module: ModuleFacts, node: ast.expr) -> Opener | None:
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if attr in _SHIM:
                shim = _legacy(module, name)
                if shim is not None:
                    kind, commits = _SHIM[attr]
                    database = origin(self.program, module.body, shim.args[0]) if shim.args else None
                    target = next((t for t in self.targets if t.database == database), None)
                    given = {str(k.arg): ast.unparse(k.value) for k in shim.keywords if k.arg in _OPTIONS}
                    return Opener(kind, commits, Settings(given), (module.path, f"{name}.{attr}"), target)
        return None


def shim_entry(module: ModuleFacts, name: str) -> tuple[ast.Call, str] | None:
    """The ``LegacyDatabase(...)`` whose ``export()`` in *module* announces *name*, and what it says that *name* stands for."""
    for node in module.source.tree.body:
        match node:
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=shim), attr="export"), keywords=keywords)
            ):
                made = _legacy(module, shim)
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


def _legacy(module: ModuleFacts, name: str) -> ast.Call | None:
    """The call of ``LegacyDatabase`` that *name* of *module* is bound to."""
    match [b.node for b in module.bindings.get(name, [])]:
        case [ast.Call(func=function) as call] if last_name(function) == "LegacyDatabase":
            return call
    return None


def _of_sqlalchemy(module: ModuleFacts, node: ast.expr) -> bool:
    root = node
    while isinstance(root, ast.Attribute):
        root = root.value
    bindings = module.bindings.get(root.id, []) if isinstance(root, ast.Name) else []
    return any(b.kind == "import" and b.module.split(".")[0] in ("sqlalchemy", "flask_sqlalchemy") for b in bindings)
