"""The calls that make factories and sessions, and what they were given: ``sessionmaker(...)``, ``Session(engine)``."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from alchemove_codemods.analysis.transactions.names import enclosing, local_import
from alchemove_codemods.analysis.transactions.targets import Settings
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name, statements

_OPTIONS = frozenset({"autoflush", "expire_on_commit"})
# Without effect, or what every session is on 2.x.
_NEUTRAL = {"autocommit": "False", "future": "True"}
_PACKAGES = ("sqlalchemy", "sqlmodel")


@dataclass(frozen=True, slots=True)
class Made:
    """The options of a factory or session, and what it is bound to."""

    settings: Settings
    bind: ast.expr | None


def made(function: FunctionFacts, call: ast.Call) -> Made:
    """What a ``sessionmaker``, a ``Session`` or a ``LegacyDatabase`` was given by *call*, which stands in *function*."""
    given: dict[str, str] = {}
    strange = "" if len(call.args) <= 1 else "positional arguments"
    bind = call.args[0] if call.args else None
    for keyword in call.keywords:
        text = ast.unparse(keyword.value)
        if keyword.arg in _OPTIONS:
            given[keyword.arg] = text
        elif keyword.arg == "bind":
            bind = keyword.value
        elif keyword.arg == "class_" and is_session_class(function, keyword.value):
            continue
        elif keyword.arg is None or _NEUTRAL.get(keyword.arg) != text:
            strange = keyword.arg or "**"
    return Made(Settings(given, strange), bind)


def is_session_class(function: FunctionFacts, node: ast.expr) -> bool:
    """Whether *node* is ``Session`` itself, of SQLAlchemy or SQLModel."""
    found = imported_name(function, node)
    return found is not None and found[0].split(".")[0] in _PACKAGES and found[1] == "Session"


def is_maker(function: FunctionFacts, node: ast.expr) -> bool:
    """Whether *node* is ``sessionmaker`` of SQLAlchemy."""
    found = imported_name(function, node)
    return found is not None and found[0].split(".")[0] == "sqlalchemy" and found[1] == "sessionmaker"


def imported_name(function: FunctionFacts, node: ast.expr) -> tuple[str, str] | None:
    """The module outside of the program and the name in it that *node* is imported from, read in *function*."""
    root = node
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name):
        return None
    holder = enclosing(function, root.id)
    local = local_import(holder, root.id) if holder is not None else None
    bindings = [local] if local is not None else [] if holder is not None else function.module.bindings.get(root.id, [])
    for binding in bindings:
        if binding.kind == "import" and not binding.level:
            if isinstance(node, ast.Attribute):
                return binding.module, node.attr
            return binding.module, binding.attribute or ""
    return None


def unpacked(module: ModuleFacts, name: str) -> tuple[ast.Call, int, list[str]] | None:
    """The call whose result is unpacked into *name* and others, the position of *name*, and all names."""
    match [b.node for b in module.bindings.get(name, []) if not b.checking]:
        case [ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Call() as call)]:
            names = [t.id if isinstance(t, ast.Name) else "" for t in targets]
            return call, names.index(name), names
    return None


def returned(function: FunctionFacts, position: int) -> tuple[ast.Call, list[str]] | None:
    """The call that makes what *function* returns at *position* of its one tuple, and the names of all that it returns."""
    body: list[ast.stmt] = getattr(function.node, "body", [])
    returns = [s.value for s in statements(body) if isinstance(s, ast.Return)]
    if len(returns) != 1 or not isinstance(returns[0], ast.Tuple) or position >= len(returns[0].elts):
        return None
    names = [e.id if isinstance(e, ast.Name) else "" for e in returns[0].elts]
    values = [
        s.value
        for s in statements(body)
        if isinstance(s, ast.Assign) and any(isinstance(t, ast.Name) and t.id == names[position] for t in s.targets)
    ]
    match values:
        case [ast.Call() as call]:
            return call, names
    return None


def makes_engine(module: ModuleFacts, name: str) -> bool:
    """Whether the global *name* of *module* is made by ``create_engine``."""
    match [b.node for b in module.bindings.get(name, []) if not b.checking]:
        case [ast.Call(func=function)]:
            return last_name(function) == "create_engine"
    return False
