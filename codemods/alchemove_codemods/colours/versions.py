"""What names a dependency that has a sync version, and what has to be made anew for that.

A function has another name. One that a function makes, ``require("admin")``, and an object of a class, ``RoleChecker(["admin"])``, are made
by another function and class; where a global keeps what they make, there is another global.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeAlias

from alchemove_codemods.colours.roots import Injection, default_of
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

Unit: TypeAlias = FunctionFacts | ClassFacts

_PLAIN = (ast.Constant, ast.Name, ast.Attribute, ast.List, ast.Tuple, ast.Set, ast.Starred, ast.expr_context)
"""What gives the same when it is evaluated a second time beside the first."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A global that keeps a dependency which ``made`` makes.

    ``admin = require("admin")``, ``Admin = Depends(require("admin"))`` or ``Admin = Annotated[User, Depends(require("admin"))]``; ``named`` is the
    expression of an injection that names it, in ``user``.
    """

    module: ModuleFacts
    name: str
    statement: ast.Assign | ast.AnnAssign
    made: ast.Call
    named: ast.expr
    user: ModuleFacts

    @property
    def version(self) -> str:
        """The name of the global that keeps the sync version."""
        return _free(self.module, self.name)


def unit_of(function: FunctionFacts) -> Unit:
    """What is given another name where *function* is divided: that, the one around it which makes it, or the class whose objects are called."""
    if function.owner is not None and function.name == "__call__":
        return function.owner
    return function if function.outer is None else function.outer


def sync_name(unit: Unit) -> str:
    """The name of the sync version of *unit*, which is free in its module."""
    return _free(unit.module, unit.name)


def kept(program: Program, injection: Injection) -> Kept | None:
    """The global that keeps what *injection* injects, where what makes it is called at the top of a file."""
    given, function = injection.call.args[0], injection.function
    if not isinstance(given, ast.Call):
        # ``Depends(admin)``, perhaps in an alias.
        where = injection.alias[0] if injection.alias is not None else function.module
        found = _global(program, where, given) if stands_in(injection) or injection.alias is not None else None
        match found:
            case (module, name, statement) if isinstance(statement.value, ast.Call):
                return Kept(module, name, statement, statement.value, given, where)
        return None
    if stands_in(injection):
        return None
    named = injection.parameter.annotation if injection.alias is not None else default_of(function, injection.parameter)
    found = _global(program, function.module, named) if named is not None else None
    match found:
        case (module, name, statement) if named is not None and any(n is given for n in walk(statement)):
            return Kept(module, name, statement, given, named, function.module)
    return None


def is_plain(call: ast.Call) -> bool:
    """Whether the arguments of *call* are the same where it is made a second time."""
    arguments = (*call.args, *(k.value for k in call.keywords))
    return all(isinstance(n, _PLAIN) for a in arguments for n in walk(a))


def stands_in(injection: Injection) -> bool:
    """Whether the ``Depends(...)`` of *injection* stands in the parameters of its function."""
    arguments = getattr(injection.function.node, "args", None)
    return isinstance(arguments, ast.arguments) and any(node is injection.call for node in walk(arguments))


def _global(
    program: Program, module: ModuleFacts, node: ast.expr
) -> tuple[ModuleFacts, str, ast.Assign | ast.AnnAssign] | None:
    """The global that *node* of *module* names, if one statement at the top of a file gives it a value."""
    origin = program.origin_of(module, node)
    source = program.module(origin[0]) if origin is not None and origin[0] in program.raw else None
    if source is None or origin is None:
        return None
    match source.bindings.get(origin[1], ()):
        case [binding]:
            statement = source.source.parents.get(binding.node)
        case _:
            return None
    match statement:
        case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name()):
            at_the_top = source.source.parents.get(statement) is source.source.tree
            return (source, origin[1], statement) if at_the_top else None
    return None


def _free(module: ModuleFacts, name: str) -> str:
    bare = name.lstrip("_")
    found = f"Sync{bare}" if bare[:1].isupper() and not bare.isupper() else f"sync_{bare}"
    while found in module.bindings:
        found += "_"
    return found
