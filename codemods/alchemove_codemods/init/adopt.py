"""The session module of a database module that has to stay as it is: it shares that one's engine."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from alchemove_codemods.analysis.transactions.database_objects import DatabaseObjects
from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.init import uses
from alchemove_codemods.init.candidates import Candidate, Engine
from alchemove_codemods.init.importing import Imported
from alchemove_codemods.init.place import Place, dotted_of
from alchemove_codemods.init.session_module import Style, assembled, made_from
from alchemove_codemods.init.split import NEW
from alchemove_codemods.program import Program
from alchemove_codemods.test_files import is_test_file

_BIND = '.kw["bind"]'
_TAKEN = frozenset({*NEW, "Annotated", "AsyncSession", "Database", "session_depends"})
"""The names of the session module itself, and of what it imports."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The way to an engine: ``name`` of the module (None: the module itself), and what stands behind it; ``late``: it is gone each time.

    ``home`` is the dotted name of another module where that has the name.
    """

    name: str | None
    rest: str = ""
    late: bool = False
    home: str | None = None

    def written(self, known: str) -> str:
        """What ``from_engine`` is given, where what is imported is *known* by that name."""
        return f"lambda: {known}{self.rest}" if self.late else f"{known}{self.rest}"


def reached(program: Program, candidate: Candidate) -> Reached | None:
    """The way to the engine of the module; None if there is none."""
    module = candidate.module
    for engine in candidate.of_module:
        if not _rebound(module, engine.name):
            return Reached(engine.name)
    for engine in candidate.engines:
        if engine.where == "factory" and len(module.bindings[engine.name]) == 1 and not _rebound(module, engine.name):
            return Reached(engine.name, _BIND, late=True)
    if (factory := _factory(candidate)) is not None:
        # Calling the function once more would make another engine.
        return Reached(factory, _BIND, late=True)
    for engine in candidate.engines:
        match engine.statement:
            case ast.FunctionDef(name=name, args=arguments) as function:
                given = _required(arguments) or _given_arguments(program, name)
                if not given and _returns_engine(function, engine):
                    return Reached(name)
                # configure_engine(url) keeps what it makes in a global of the module.
                if (kept := _kept_in_global(function, engine)) is not None:
                    return Reached(None, f".{kept}", late=True)
            case ast.ClassDef() as made:
                if (found := _of_class(program, module, made)) is not None:
                    return found
    for engine in candidate.of_module:
        return Reached(None, f".{engine.name}", late=True)
    return None


def text(program: Program, found: Reached, place: Place, style: Style) -> str:
    """The whole file."""
    legacy = found.home or place.legacy
    parent, _, tail = legacy.rpartition(".")
    name = found.name or tail
    other = f"legacy_{name}" if name in _TAKEN else None
    # What the module binds later is read of the module itself, when it is needed.
    home, imported = (legacy, name) if found.name else (parent, name) if parent else (name, None)
    top = legacy.split(".", 1)[0]
    return assembled(
        [Imported(home, imported, other), *style.imports],
        "",
        made_from(found.written(other or name), style),
        style,
        lambda each: each.split(".", 1)[0] == top,
    )


def _factory(candidate: Candidate) -> str | None:
    """The one factory of the module that is bound to what one of its functions makes anew: ``sessionmaker(bind=make_engine())``."""
    module, found = candidate.module, []
    making = {
        e.name for e in candidate.engines if isinstance(e.statement, ast.FunctionDef) and not e.statement.decorator_list
    }
    for statement in module.source.tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func, args=args, keywords=keywords)):
                bound = [*args, *(k.value for k in keywords if k.arg == "bind")]
                match bound:
                    case [ast.Call(func=ast.Name(id=maker), args=[], keywords=[])] if maker in making:
                        if last_name(func) == "sessionmaker":
                            found.append(name)
    alone = len(found) == 1 and len(module.bindings[found[0]]) == 1 and not _rebound(module, found[0])
    return found[0] if alone else None


def _rebound(module: ModuleFacts, name: str) -> bool:
    return any(isinstance(each, ast.Global) and name in each.names for each in ast.walk(module.source.tree))


def _required(arguments: ast.arguments) -> bool:
    plain = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    return plain > 0 or any(default is None for default in arguments.kw_defaults)


def _given_arguments(program: Program, name: str) -> bool:
    """Whether the program calls a function *name* with arguments: without them, it would make an engine of another database."""
    for path in program.naming(name):
        module = program.module(path) if not is_test_file(path) else None
        for call in module.source.of_kind(ast.Call) if module is not None else ():
            if last_name(call.func) == name and (call.args or call.keywords):
                return True
    return False


def _returns_engine(function: ast.FunctionDef, engine: Engine) -> bool:
    """Whether all that *function* returns is its engine, as far as assignments and names tell: no factory of sessions, say."""
    returned = [each.value for each in ast.walk(function) if isinstance(each, ast.Return)]
    return bool(returned) and all(each is not None and _is_engine(function, each, engine) for each in returned)


def _is_engine(function: ast.FunctionDef, value: ast.expr, engine: Engine) -> bool:
    match value:
        case ast.Call(func=func):
            return value is engine.call or "engine" in (last_name(func) or "").lower()
        case ast.Name() | ast.Attribute():
            assigned = [
                each for each in ast.walk(function) if isinstance(each, ast.Assign) and each.value is engine.call
            ]
            targets = {ast.unparse(target) for each in assigned for target in each.targets}
            return ast.unparse(value) in targets or "engine" in (last_name(value) or "").lower()
    return False


def _returns_value(function: ast.FunctionDef) -> bool:
    returned = [each.value for each in ast.walk(function) if isinstance(each, ast.Return)]
    return bool(returned) and all(isinstance(each, (ast.Name, ast.Call, ast.Attribute)) for each in returned)


def _kept_in_global(function: ast.FunctionDef, engine: Engine) -> str | None:
    shared = {name for each in ast.walk(function) if isinstance(each, ast.Global) for name in each.names}
    for each in ast.walk(function):
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in shared and value is engine.call:
                return name
    return None


def _of_class(program: Program, module: ModuleFacts, made: ast.ClassDef) -> Reached | None:
    """An object of the class, and the attribute in which it keeps the engine."""
    attribute = None
    for each in ast.walk(made):
        match each:
            # ``self._engines = {}`` holds many.
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value) if (
                "engine" in name.lower() and not isinstance(value, (ast.Dict, ast.List, ast.Set, ast.DictComp))
            ):
                attribute = name
            case ast.FunctionDef(
                name=name, args=arguments, decorator_list=[ast.Name(id="classmethod" | "staticmethod")]
            ):
                if "engine" in name and len(arguments.args) <= 1 and _returns_value(each):
                    return Reached(made.name, f".{name}")
    if attribute is None:
        return None
    for name, bindings in module.bindings.items():
        match bindings[-1].node:
            case ast.Call(func=ast.Name(id=called)) if called == made.name:
                return Reached(name, f".{attribute}", late=True)
    # Another module may make the only one.
    where = DatabaseObjects(program).holding(module.classes[made])
    other = program.module(where[0]) if where is not None else None
    if where is None or other is None:
        return None
    return Reached(where[1], f".{attribute}", late=True, home=dotted_of(program, other, uses.of(program, other)))
