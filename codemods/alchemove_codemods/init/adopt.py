"""The session module of a database module that has to stay as it is: it shares that one's engine."""

from __future__ import annotations

import ast

from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.init.candidates import Candidate, Engine
from alchemove_codemods.init.importing import Imported
from alchemove_codemods.init.place import Place
from alchemove_codemods.init.session_module import Style, assembled, made_from
from alchemove_codemods.program import Program
from alchemove_codemods.test_files import is_test_file


def reached(program: Program, candidate: Candidate) -> tuple[str, str] | None:
    """The name to import from the module, and the expression that gives ``from_engine`` the engine; None if there is none."""
    module = candidate.module
    for engine in candidate.of_module:
        if not _rebound(module, engine.name):
            return engine.name, engine.name
    if (factory := _factory(candidate)) is not None:
        # Calling the function once more would make another engine.
        return factory, f'lambda: {factory}.kw["bind"]'
    for engine in candidate.engines:
        match engine.statement:
            case ast.FunctionDef(name=name, args=arguments) as function:
                given = _required(arguments) or _given_arguments(program, name)
                if not given and _returns_engine(function, engine):
                    return name, name
                # configure_engine(url) keeps what it makes in a global of the module.
                if (kept := _kept_in_global(function, engine)) is not None:
                    return "", kept
            case ast.ClassDef() as made:
                if (found := _of_class(module, made)) is not None:
                    return found
    for engine in candidate.of_module:
        return "", engine.name
    return None


def text(program: Program, found: tuple[str, str], place: Place, style: Style) -> str:
    """The whole file."""
    name, expression = found
    parent, _, tail = place.legacy.rpartition(".")
    if name:
        imports = [Imported(place.legacy, name)]
    else:
        # Read when it is needed: the module binds it later.
        imports = [Imported(parent, tail) if parent else Imported(tail)]
        expression = f"lambda: {tail}.{expression}"
    top = place.legacy.split(".", 1)[0]
    return assembled(
        [*imports, *style.imports], "", made_from(expression, style), style, lambda each: each.split(".", 1)[0] == top
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


def _of_class(module: ModuleFacts, made: ast.ClassDef) -> tuple[str, str] | None:
    """An object of the class in the module, and the attribute in which it keeps the engine."""
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
                    return made.name, f"{made.name}.{name}"
    if attribute is None:
        return None
    for name, bindings in module.bindings.items():
        match bindings[-1].node:
            case ast.Call(func=ast.Name(id=called)) if called == made.name:
                return name, f"lambda: {name}.{attribute}"
    return None
