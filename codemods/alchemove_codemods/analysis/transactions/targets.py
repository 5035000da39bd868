"""What takes the place of legacy sessions: the session module that ``alchemove init`` wrote, found by what it defines."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from alchemove_codemods.analysis.transactions.database_objects import DatabaseObjects
from alchemove_codemods.analysis.transactions.names import Origin, origin
from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.program import Program

_DATABASE = frozenset({"Database", "from_env", "from_engine", "default_database"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a factory of sessions was given, as source text; ``strange`` is an option that no session module can have."""

    given: Mapping[str, str] = field(default_factory=dict)
    strange: str = ""

    def get(self, name: str) -> str:
        """The value of an option that is True where it was left out."""
        return self.given.get(name, "True")


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """``name`` of ``module`` opens the sessions of the ``database``; ``engine`` is what that was made from, or the factory that has it."""

    module: ModuleFacts
    name: str
    database: Origin
    engine: Origin | None
    settings: Settings


def targets(program: Program, objects: DatabaseObjects) -> list[Target]:
    """All of them: a program of several services may have several. *objects* may keep their engines."""
    found = []
    for path in program.mentioning(b"sync_session"):
        module = program.module(path)
        if module is not None and b"alchemove" in program.raw[path]:
            found += list(_in_module(objects, program, module))
    return found


def _in_module(objects: DatabaseObjects, program: Program, module: ModuleFacts) -> Iterator[Target]:
    for name, bindings in module.bindings.items():
        match bindings[-1].node:
            case ast.Attribute(value=ast.Name(id=database), attr="sync_session"):
                yield from _target(objects, program, module, name, database)
            case ast.FunctionDef() as function:
                for node in ast.walk(function):
                    match node:
                        case ast.Call(
                            func=ast.Attribute(value=ast.Name(id=database), attr="sync_session"), args=[], keywords=[]
                        ):
                            if _only_hands_on(function):
                                yield from _target(objects, program, module, name, database)


def _only_hands_on(function: ast.FunctionDef) -> bool:
    """Whether all that *function* does is to give what ``sync_session()`` gives."""
    if function.args.args or function.args.kwonlyargs or function.args.vararg or function.args.kwarg:
        return False
    body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    match body:
        case [ast.Return(value=ast.Call())]:
            return not function.decorator_list
        case [
            ast.With(
                items=[ast.withitem(optional_vars=ast.Name(id=name))],
                body=[ast.Expr(value=ast.Yield(value=ast.Name(id=given)))],
            )
        ]:
            return name == given and len(function.decorator_list) == 1
    return False


def _target(
    objects: DatabaseObjects, program: Program, module: ModuleFacts, name: str, database: str
) -> Iterator[Target]:
    where = origin(program, module.body, ast.Name(id=database))
    if where is None or (home := program.module(where[0])) is None or where[1] not in home.bindings:
        return
    call = home.bindings[where[1]][-1].node
    if not isinstance(call, ast.Call) or not made_by_alchemove(home, call.func):
        return
    given = call.args[0] if call.args else None
    # ``lambda: app.database.engine``: read when it is needed.
    given = given.body if isinstance(given, ast.Lambda) else given
    match given:
        case ast.Subscript(value=ast.Attribute(value=factory, attr="kw"), slice=ast.Constant(value="bind")):
            # The engine of a factory that made it for itself.
            given = factory
    engine = None
    if given is not None:
        engine = origin(program, home.body, given) or objects.origin(home.body, given)
    options = next((k.value for k in call.keywords if k.arg == "session_options"), None)
    yield Target(module, name, where, engine, _settings(options))


def made_by_alchemove(module: ModuleFacts, function: ast.expr) -> bool:
    """Whether *function* is ``Database``, ``Database.from_engine`` or the like, imported from ``alchemove``."""
    last = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    root = function
    while isinstance(root, ast.Attribute):
        root = root.value
    bindings = module.bindings.get(root.id, []) if isinstance(root, ast.Name) else []
    return last in _DATABASE and any(b.kind == "import" and b.module.split(".")[0] == "alchemove" for b in bindings)


def _settings(node: ast.expr | None) -> Settings:
    match node:
        case None:
            return Settings()
        case ast.Dict(keys=keys, values=values) if all(isinstance(k, ast.Constant) for k in keys):
            return Settings({str(k.value): ast.unparse(v) for k, v in zip(keys, values) if isinstance(k, ast.Constant)})
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords) if all(k.arg for k in keywords):
            return Settings({str(k.arg): ast.unparse(k.value) for k in keywords})
    return Settings(strange="session_options")
