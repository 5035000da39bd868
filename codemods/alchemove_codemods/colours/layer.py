"""The session layer of the program, as ``alchemove init`` writes it: found by what it defines, not by its name."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.values import External

_FACES = frozenset({"get_session", "session", "sync_session"})


@dataclass(frozen=True, slots=True)
class Layer:
    """The module that makes the ``Database``, and the global names of what it hands out (``get_session`` → its name).

    ``dependency`` is the ready-made ``Annotated`` parameter (``SessionDep``), None where there is none. ``has_exec`` says that
    its sync sessions are those of SQLModel, also inside of an AsyncSession: they have ``exec()``.
    """

    module: ModuleFacts
    names: dict[str, str] = field(default_factory=dict[str, str])
    dependency: str | None = None
    has_exec: bool = False


def find(program: Program) -> Layer | None:
    """The session layer of *program*, None if there is none (or no ``get_session`` in it)."""
    for path in program.mentioning(b"alchemove"):
        module = program.module(path)
        if module is None:
            continue
        databases = {name for name, bindings in module.bindings.items() if _is_database(bindings[-1].node)}
        if not databases:
            continue
        has_exec = any(_has_exec(program, module, name) for name in databases)
        layer = Layer(module, dict(_faces(module, databases)), _dependency(module), has_exec)
        if "get_session" in layer.names:
            return layer
    return None


def _is_database(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="Database")):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(id="Database" | "alchemove"))):
            return True
    return False


def _has_exec(program: Program, module: ModuleFacts, name: str) -> bool:
    """Whether the database *name* is given SQLModel's Session as the class of its sessions."""
    made = module.bindings[name][-1].node
    options = [k.value for k in made.keywords if k.arg == "session_options"] if isinstance(made, ast.Call) else []
    for option in options:
        for key, value in zip(option.keys, option.values) if isinstance(option, ast.Dict) else ():
            if isinstance(key, ast.Constant) and key.value == "class_":
                class_ = program.lookup(module, value.id) if isinstance(value, ast.Name) else None
                return isinstance(class_, External) and class_.name.startswith("sqlmodel.")
    return False


def _faces(module: ModuleFacts, databases: set[str]) -> list[tuple[str, str]]:
    found = []
    for name, bindings in module.bindings.items():
        match bindings[-1].node:
            case ast.Attribute(value=ast.Name(id=owner), attr=face) if owner in databases and face in _FACES:
                found.append((face, name))
    return found


def _dependency(module: ModuleFacts) -> str | None:
    for name, bindings in module.bindings.items():
        match bindings[-1].node:
            case ast.Subscript(value=head, slice=ast.Tuple(elts=[_, ast.Call(func=made)])) if (
                last_name(head) == "Annotated" and last_name(made) == "session_depends"
            ):
                return name
    return None
