"""Where a program names a global: by itself, by its module, by a name that an import gives it, in a text."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.facts import ModuleFacts, local_names
from alchemove_codemods.locating import dotted_stem
from alchemove_codemods.program import Program


def naming(program: Program, path: str, name: str) -> Iterator[tuple[ModuleFacts, ast.AST]]:
    """The nodes that may read the global *name* of the file *path*, and texts that may look it up, each with its module."""
    for module in filter(None, map(program.module, program.naming(name))):
        for node in _in_module(program, module, path, name):
            yield module, node


def _in_module(program: Program, module: ModuleFacts, path: str, name: str) -> Iterator[ast.AST]:
    source, place = module.source, (path, name)
    imports = [(s, a) for s in source.of_kind(ast.ImportFrom) for a in s.names if a.name == name]
    # What a function imports for itself is not looked up.
    aside = any(statement not in source.tree.body for statement, _ in imports)
    names = {name, *(a.asname for _, a in imports if a.asname is not None)}
    for node in source.of_kind(ast.Name):
        read = isinstance(node.ctx, ast.Load) and node.id in names
        if read and (aside or (program.origin(module, node.id) == place and not _is_local(module, node))):
            yield node
    for attribute in source.of_kind(ast.Attribute):
        if attribute.attr == name and (aside or program.origin_of(module, attribute) == place):
            yield attribute
    for text in source.of_kind(ast.Constant):
        owner, _, last = text.value.rpartition(".") if isinstance(text.value, str) else ("", "", "")
        if (
            last == name
            and (not owner or f".{dotted_stem(path)}".endswith(f".{owner}"))
            and not is_exported(module, text)
        ):
            yield text


def _is_local(module: ModuleFacts, node: ast.Name) -> bool:
    """Whether a function around *node* binds its name for itself."""
    at = module.source.parents.get(node)
    inner: ast.AST = node
    while at is not None:
        if isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            body = at.body if isinstance(at.body, list) else [at.body]
            # Defaults and decorators are evaluated outside.
            if inner in body and node.id in local_names(at):
                return True
        inner, at = at, module.source.parents.get(at)
    return False


def is_exported(module: ModuleFacts, text: ast.Constant) -> bool:
    """Whether *text* stands in ``__all__``: who uses what is exported names it, too."""
    listed = module.source.parents.get(text)
    match module.source.parents.get(listed) if listed is not None else None:
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
    return False
