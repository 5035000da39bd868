"""Names that a shim hands on as they are, since ``alchemove init`` moved them: ``Base``, an engine, functions that make the tables."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from alchemove_codemods.analysis.transactions.names import module_at, origin
from alchemove_codemods.analysis.transactions.openers import legacy_of
from alchemove_codemods.analysis.transactions.patched import Patched
from alchemove_codemods.facts import Binding, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

_QUIET_DECORATORS = frozenset({"contextmanager", "asynccontextmanager", "lru_cache", "cache", "staticmethod"})


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """``names`` of the import ``node`` of ``module`` come from a shim, at ``shim``, which has them from ``homes``, each a path.

    ``problem`` says why they have to go on coming from there.
    """

    module: ModuleFacts
    node: ast.ImportFrom
    names: tuple[ast.alias, ...]
    shim: str
    homes: tuple[str, ...]
    problem: str = ""


def moved_imports(program: Program, patched: Patched) -> list[Moved]:
    """All imports of such names in *program*, but those of the shims themselves and of where the names live now."""
    shims = {m.path: found for m in _shims(program) if (found := dict(_exported(program, m)))}
    if not shims:
        return []
    problems = {path: _effect(program, path, set(homes.values())) for path, homes in shims.items()}
    imports: list[Moved] = []
    for path in _importing(program, shims):
        module = program.module(path)
        if module is None:
            continue
        for node in module.source.of_kind(ast.ImportFrom):
            binding = Binding("import", node, node.module or "", None, node.level)
            shim = program.locate(program.absolute(binding, module), path)
            if shim is None or shim not in shims or path == shim or path in shims[shim].values():
                continue
            homes = shims[shim]
            taken = tuple(a for a in node.names if a.name in homes)
            if not taken:
                continue
            problem = problems[shim] or _replaced(program, patched, shim, {a.name for a in taken})
            imports.append(Moved(module, node, taken, shim, tuple(homes[a.name] for a in taken), problem))
    return imports


def _importing(program: Program, shims: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The files that may import from one of *shims*: those with its name, and with one of its names."""
    found: dict[str, None] = {}
    for path, homes in shims.items():
        folder, _, file = path.rpartition("/")
        stem = folder.rpartition("/")[2] if file == "__init__.py" else file.removesuffix(".py")
        near = f"{folder}/" if file == "__init__.py" else None
        for name in homes:
            for each in program.naming(name):
                if stem.encode() in program.raw[each] or (near is not None and each.startswith(near)):
                    found[each] = None
    return list(found)


def _shims(program: Program) -> Iterator[ModuleFacts]:
    for path in program.mentioning(b"LegacyDatabase"):
        module = program.module(path)
        if module is not None:
            yield module


def _exported(program: Program, module: ModuleFacts) -> Iterator[tuple[str, str]]:
    """The names of the shim *module* that are something of another file under the same name, with that file's path."""
    entries = [k for call in _exports(module) for k in call.keywords if k.arg is not None]
    connects = any(k.arg == "get_db_connection" for k in entries)
    for keyword in entries:
        match keyword.value:
            case ast.Tuple(elts=[ast.Constant(value=str(target)), ast.Constant(value=str(new))]):
                home, _, name = target.rpartition(":")
                if name != keyword.arg or new != f"{home}.{name}":
                    continue
            case ast.Constant(value=str(new)) if keyword.arg == "engine" and not connects:
                # Connections of psycopg2 are prepared when the engine of the shim is used.
                home, _, name = new.rpartition(".")
                if name != keyword.arg:
                    continue
            case _:
                continue
        path = program.find_module(home, module.path)
        owner = program.module(path) if path is not None else None
        if path is not None and path != module.path and owner is not None and name in owner.bindings:
            yield name, path


def _exports(module: ModuleFacts) -> Iterator[ast.Call]:
    for node in module.source.tree.body:
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=shim), attr="export")) as call) if (
                legacy_of(module, shim) is not None
            ):
                yield call


def _effect(program: Program, path: str, homes: set[str]) -> str:
    """What importing the shim at *path* does besides defining names; whoever imports it may rely on that."""
    module = program.module(path)
    assert module is not None
    exports = list(_exports(module))
    # The session module makes its engine when somebody uses it.
    homes = homes | set(_session_modules(program, module))
    for node in module.source.tree.body:
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.AnnAssign():
                continue
            case ast.Expr(value=call) if call in exports:
                continue
            case ast.Assign(value=ast.Call(func=function)) if last_name(function) == "LegacyDatabase":
                continue
            case ast.Assign(value=ast.Name() | ast.Attribute() | ast.Constant()):
                continue
            case ast.If(test=test, orelse=[]) if last_name(test) == "TYPE_CHECKING":
                continue
            case ast.FunctionDef(decorator_list=decorators) | ast.AsyncFunctionDef(decorator_list=decorators):
                if all(last_name(d.func if isinstance(d, ast.Call) else d) in _QUIET_DECORATORS for d in decorators):
                    continue
            case ast.Import() | ast.ImportFrom():
                if _imports_quietly(program, module, node, homes):
                    continue
        return f"{path}:{node.lineno} does more than to define names"
    return ""


def _session_modules(program: Program, module: ModuleFacts) -> Iterator[str]:
    """The files that the databases of the shim *module* come from."""
    for call in _exports(module):
        shim = (
            call.func.value.id if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) else ""
        )
        made = legacy_of(module, shim)
        for argument in made.args[:1] if made is not None else ():
            found = origin(program, module.body, argument)
            if found is not None:
                yield found[0]


def _imports_quietly(program: Program, module: ModuleFacts, node: ast.Import | ast.ImportFrom, homes: set[str]) -> bool:
    """Whether *node* brings nothing of the program into being that the new homes of the names do not bring as well."""
    for binding in (b for bs in module.bindings.values() for b in bs if b.node is node):
        path = program.locate(program.absolute(binding, module), module.path)
        inner = None
        if path is not None and binding.attribute is not None:
            inner = program.locate(f"{program.absolute(binding, module)}.{binding.attribute}", module.path)
        for each in filter(None, (path, inner)):
            if each not in homes and not _all_import(program, homes, each):
                return False
    return True


def _all_import(program: Program, homes: set[str], path: str) -> bool:
    """Whether every one of *homes* imports the file *path* itself, where it is imported."""
    for home in homes:
        module = program.module(home)
        if module is None:
            return False
        located = {
            program.locate(program.absolute(b, module), home)
            for bindings in module.bindings.values()
            for b in bindings
            if b.kind == "import" and not b.checking
        }
        if path not in located:
            return False
    return True


def _replaced(program: Program, patched: Patched, shim: str, names: set[str]) -> str:
    """Where one of *names* of the module at *shim* gets another value from outside."""
    for name in sorted(names):
        where = patched.of(name, shim)
        if where:
            return f"{where} replaces {name}"
        for path in program.mentioning(name.encode()):
            module = program.module(path)
            for node in walk(module.source.tree) if module is not None else ():
                if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store):
                    assert module is not None
                    owner = _function_of(module, node)
                    target = module_at(program, owner, node.value)
                    if target is not None and target.path == shim:
                        return f"{path}:{node.lineno} replaces {name}"
    return ""


def _function_of(module: ModuleFacts, node: ast.AST) -> FunctionFacts:
    at: ast.AST | None = node
    while at is not None:
        if isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef)) and at in module.functions:
            return module.functions[at]
        at = module.source.parents.get(at)
    return module.body
