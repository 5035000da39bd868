"""What ``alchemove init`` left behind in a program: the session module and the shim, by what they define."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.init.names import outside
from alchemove_codemods.program import Program

_OWN = frozenset({"engine", "SessionLocal", "get_db", "get_session", "get_db_session", "get_db_connection", "Base"})
_FACES = {"sync_session": "sync_session", "session": "session", "get_session": "get_session"}
_MAKERS = ("from_env", "from_engine")


@dataclass(frozen=True, slots=True)
class Entry:
    """A legacy name of the shim.

    ``kind`` is the runtime's name that it stands for (``SessionLocal``, ``get_db``, ...), ``moved`` (the same object
    at ``target``, which is ``module:attribute``) or ``kept`` (legacy code that the shim holds under the private name at
    the end of ``target``). ``replacement`` is the dotted name of what takes its place.
    """

    kind: str
    target: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Initialised:
    """The session module and the shim of a program.

    ``names`` says under which name the session module has its ``database``, ``sync_session`` (the context manager for
    sync code), ``session`` (the same for async code), ``get_session`` (the dependency) and ``SessionDep``; a name that
    it does not have is absent. ``line`` is where it makes the database. ``legacy`` are the names of the shim.
    """

    session_module: str
    session_dotted: str
    line: int
    names: Mapping[str, str]
    shim: str | None = None
    legacy: Mapping[str, Entry] = field(default_factory=dict[str, Entry])


def initialised(program: Program) -> list[Initialised]:
    """The databases of *program* that are made by ``alchemove.Database``, in order of their files."""
    shims = [
        (path, legacy)
        for path in program.mentioning(b"LegacyDatabase")
        if (module := program.module(path)) is not None and (legacy := _exports(program, module))
    ]
    found = []
    for path in sorted(program.mentioning(b"alchemove")):
        module = program.module(path)
        if module is None or (made := _database(program, module)) is None:
            continue
        name, line = made
        names = {"database": name, **_faces(module, name)}
        shim = next((each for each in shims if _shares(program, each[0], path)), None)
        dotted = _dotted(path, shim[1] if shim else {})
        found.append(Initialised(path, dotted, line, names, *(shim or (None, {}))))
    return found


def _database(program: Program, module: ModuleFacts) -> tuple[str, int] | None:
    for statement in module.source.tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=func))
            ):
                called = outside(program, module, func) or ""
                owner = called.rsplit(".", 1)[0] if called.endswith(_MAKERS) else called
                if owner in ("alchemove.Database", "alchemove.database.Database"):
                    return name, statement.lineno
    return None


def _faces(module: ModuleFacts, database: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for statement in module.source.tree.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Attribute(value=ast.Name(id=owner), attr=attribute)
            ) if owner == database and attribute in _FACES:
                names.setdefault(_FACES[attribute], name)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript()) if any(
                isinstance(each, ast.Name) and each.id == "session_depends" for each in ast.walk(statement.value)
            ):
                names.setdefault("SessionDep", name)
    return names


def _exports(program: Program, module: ModuleFacts) -> dict[str, Entry]:
    shims = {
        name
        for name, bindings in module.bindings.items()
        for binding in bindings
        if isinstance(binding.node, ast.Call)
        and (outside(program, module, binding.node.func) or "").endswith("LegacyDatabase")
    }
    for statement in module.source.tree.body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="export"), keywords=given)):
                if name in shims:
                    return {each.arg: _entry(each.arg, each.value) for each in given if each.arg is not None}
    return {}


def _entry(name: str, value: ast.expr) -> Entry:
    match value:
        case ast.Constant(value=str(replacement)):
            return Entry(name, name, replacement)
        case ast.Tuple(elts=[ast.Constant(value=str(target)), ast.Constant(value=str(replacement))]):
            if target in _OWN:
                return Entry(target, target, replacement)
            kept = target.rpartition(":")[2].startswith("_")
            return Entry("kept" if kept else "moved", target, replacement)
        case ast.Tuple(elts=[_, ast.Constant(value=str(replacement))]):
            return Entry("kept", "", replacement)
    return Entry("kept", "", "")


def _shares(program: Program, shim: str, session_module: str) -> bool:
    if shim == session_module:
        return True
    module = program.module(shim)
    if module is None:
        return False
    return any(
        program.locate(program.absolute(binding, module), shim) == session_module
        for bindings in module.bindings.values()
        for binding in bindings
        if binding.kind == "import"
    )


def _dotted(path: str, legacy: Mapping[str, Entry]) -> str:
    """The name by which the session module is imported: what the shim calls it, otherwise that of its path."""
    stem = path.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
    for entry in legacy.values():
        head = entry.replacement.rpartition(".")[0]
        if stem == head or stem.endswith(f".{head}"):
            return head
    return stem
