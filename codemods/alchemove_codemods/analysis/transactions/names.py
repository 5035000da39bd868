"""What a dotted name means at one place, imports inside functions followed: the file and name that first bind it."""

from __future__ import annotations

import ast

from alchemove_codemods.facts import Binding, FunctionFacts, ModuleFacts, local_names, statements
from alchemove_codemods.program import Program

Origin = tuple[str, str]
"""A path of the program (or a dotted module outside of it), and a global name."""


def enclosing(function: FunctionFacts, name: str) -> FunctionFacts | None:
    """The function whose own scope binds *name* where *function* reads it, None for a global."""
    inner: FunctionFacts | None = function
    while inner is not None and not isinstance(inner.node, ast.Module):
        if name in local_names(inner.node):
            return inner
        inner = inner.outer
    return None


def local_import(function: FunctionFacts, name: str) -> Binding | None:
    """The import inside *function* that alone binds *name* there."""
    found: list[Binding] = []
    for node in statements(getattr(function.node, "body", [])):
        match node:
            case ast.ImportFrom(module=module, names=aliases, level=level):
                found += [
                    Binding("import", node, module or "", a.name, level)
                    for a in aliases
                    if (a.asname or a.name) == name
                ]
            case ast.Import(names=aliases):
                found += [Binding("import", node, a.name) for a in aliases if a.asname == name]
    return found[0] if len(found) == 1 else None


def imported_module(program: Program, module: ModuleFacts, binding: Binding) -> ModuleFacts | None:
    """The module of the program that an import *binding* itself brings (``import app.database``, ``from app import database``)."""
    name = program.absolute(binding, module)
    if binding.attribute is None:
        path = program.locate(name, module.path)
        return program.module(path) if path is not None else None
    inner = f"{name}/{binding.attribute}" if name.startswith("/") else f"{name}.{binding.attribute}"
    path = program.locate(inner, module.path)
    return program.module(path) if path is not None else None


def origin(program: Program, function: FunctionFacts, node: ast.expr) -> Origin | None:
    """Where the name or attribute *node*, read in *function*, is first bound; None for anything but globals of modules."""
    match node:
        case ast.Name(id=name):
            holder = enclosing(function, name)
            if holder is None:
                return _global(program, function.module, name)
            binding = local_import(holder, name)
            return _through(program, function.module, binding) if binding is not None else None
        case ast.Attribute(value=inner, attr=attr):
            facts = module_at(program, function, inner)
            return _global(program, facts, attr) or (facts.path, attr) if facts is not None else None
    return None


def _global(program: Program, module: ModuleFacts, name: str, seen: frozenset[Origin] = frozenset()) -> Origin | None:
    found = program.origin(module, name)
    # Modules that import a name from each other bind it nowhere.
    if found is None or found[0] not in program.raw or found in seen:
        return found
    source = program.module(found[0])
    binding = source.bindings[found[1]][-1] if source is not None and found[1] in source.bindings else None
    if source is not None and binding is not None and binding.kind == "import" and binding.attribute is not None:
        # The module does not bind the name: it gives it through __getattr__.
        return _through(program, source, binding, seen | {found})
    return found


def _through(
    program: Program, module: ModuleFacts, binding: Binding, seen: frozenset[Origin] = frozenset()
) -> Origin | None:
    if binding.attribute is None:
        return None
    path = program.locate(program.absolute(binding, module), module.path)
    facts = program.module(path) if path is not None else None
    if facts is None:
        return (binding.module, binding.attribute) if not binding.level else None
    if binding.attribute in facts.bindings or facts.stars:
        return _global(program, facts, binding.attribute, seen) or (facts.path, binding.attribute)
    return (facts.path, binding.attribute)


def module_at(program: Program, function: FunctionFacts, node: ast.expr) -> ModuleFacts | None:
    """The module of the program that *node* is where *function* reads it."""
    match node:
        case ast.Name(id=name):
            holder = enclosing(function, name)
            if holder is not None:
                binding = local_import(holder, name)
                return imported_module(program, function.module, binding) if binding is not None else None
            bindings = [b for b in function.module.bindings.get(name, []) if not b.checking]
            if len(bindings) == 1 and bindings[0].kind == "import":
                return imported_module(program, function.module, bindings[0])
        case ast.Attribute(value=inner, attr=attr):
            outer = module_at(program, function, inner)
            if outer is None or not outer.package:
                return None
            folder = outer.path.rpartition("/")[0]
            for path in (f"{folder}/{attr}.py", f"{folder}/{attr}/__init__.py"):
                if path in program.raw:
                    return program.module(path)
    return None
