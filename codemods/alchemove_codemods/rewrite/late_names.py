"""Names of globals that a function gives their value, ``db = None`` until ``init()`` is called: which imports brought the same object.

An import copies what is there at that moment. Two files have the same object where both got it from a third one that imported it once, or
where a file declares classes with it (``class User(db.Model)``) as soon as it has it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk


def copies(
    program: Program, module: ModuleFacts, name: str, source: ModuleFacts, home: tuple[str, str]
) -> Iterator[str]:
    """The names that *module* has for the same object as *name* of *source*; *home* is the file, and the name there, that makes it."""
    brought = _brought(program, source, name)
    between = program.module(brought[0]) if brought is not None else None
    kept = brought is not None and between is not None and _brought(program, between, brought[1]) is not None
    for local in module.bindings:
        own = _brought(program, module, local)
        if own is not None and ((kept and own == brought) or (own == home and _declares_with(module, local))):
            yield local


def _brought(program: Program, module: ModuleFacts, name: str) -> tuple[str, str] | None:
    """The file and the name there that *name* of *module* is imported from, once and for all; None if it comes in another way."""
    match module.bindings.get(name):
        case [binding] if binding.kind == "import" and binding.attribute is not None and not binding.checking:
            path = program.locate(program.absolute(binding, module), module.path)
            if path is None or binding.node not in module.source.tree.body or assigned_by_functions(module, name):
                return None
            return path, binding.attribute
    return None


def _declares_with(module: ModuleFacts, name: str) -> bool:
    """Whether *module* declares a class with a base that *name* has, while it is imported."""
    return any(
        isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name) and base.value.id == name
        for statement in module.source.tree.body
        if isinstance(statement, ast.ClassDef)
        for base in statement.bases
    )


def assigned_by_functions(module: ModuleFacts, name: str) -> bool:
    """Whether a function of *module* binds the global *name* again, so that it may change after the module was imported.

    Declaring it ``global`` without assigning it changes nothing.
    """
    return "global " in module.source.text and any(
        isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and any(isinstance(inner, ast.Global) and name in inner.names for inner in walk(node))
        and any(True for _ in binders(node, name))
        for node in module.source.nodes
    )


def binders(function: ast.AST, name: str) -> Iterator[ast.AST]:
    """What binds *name* inside *function*, nested functions included."""
    for node in walk(function):
        match node:
            case ast.Name(id=found, ctx=ast.Store() | ast.Del()) | ast.arg(arg=found):
                if found == name:
                    yield node
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                if any((alias.asname or alias.name).split(".")[0] == name for alias in aliases):
                    yield node
            case ast.FunctionDef(name=found) | ast.AsyncFunctionDef(name=found) | ast.ClassDef(name=found):
                if found == name and node is not function:
                    yield node
