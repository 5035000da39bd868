"""Methods of objects that are not known, found by their name: where every method of the program with that name takes a session there."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.transactions.models import Columns
from alchemove_codemods.analysis.transactions.names import enclosing
from alchemove_codemods.analysis.transactions.reach import Level, Reach
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

_SESSIONS = frozenset({"Session", "scoped_session"})


def taking_a_session(
    program: Program, columns: Columns, function: FunctionFacts, call: ast.Call, reach: Reach
) -> list[FunctionFacts]:
    """The methods that *call* in *function* can mean; none where the object may be one of a library.

    ``self.menu.agents.get_by_id(db, key)``: whatever ``agents`` is, the program has methods ``get_by_id``, and the annotation of
    each says that it is given a session in this place.
    """
    if not isinstance(call.func, ast.Attribute) or _of_library(program, function, call.func):
        return []
    given = [i for i, a in enumerate(call.args) if reach.level(a) is Level.HOLDER]
    named = [k.arg for k in call.keywords if reach.level(k.value) is Level.HOLDER]
    if not given and not named:
        return []
    methods = columns.methods(call.func.attr)
    return methods if all(_takes(method, given, named) for method in methods) else []


def _takes(method: FunctionFacts, given: list[int], named: list[str | None]) -> bool:
    arguments = getattr(method.node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return False
    positional = [*arguments.posonlyargs, *arguments.args][1 if method.is_method else 0 :]
    if any(i >= len(positional) for i in given):
        return False
    by_name = {a.arg: a for a in (*positional, *arguments.kwonlyargs)}
    taken = [*(positional[i] for i in given), *(by_name.get(n or "") for n in named)]
    return all(a is not None and a.annotation is not None and _is_session(a.annotation) for a in taken)


def _is_session(annotation: ast.expr) -> bool:
    if isinstance(annotation, ast.Constant):
        return annotation.value in _SESSIONS
    return any(isinstance(n, (ast.Name, ast.Attribute)) and last_name(n) in _SESSIONS for n in walk(annotation))


def _of_library(program: Program, function: FunctionFacts, node: ast.Attribute) -> bool:
    """Whether *node* begins with something that is imported from outside of the program."""
    root: ast.expr = node
    while isinstance(root, (ast.Attribute, ast.Call, ast.Subscript)):
        root = root.func if isinstance(root, ast.Call) else root.value
    if not isinstance(root, ast.Name) or enclosing(function, root.id) is not None:
        return not isinstance(root, ast.Name)
    module = function.module
    return any(
        binding.kind == "import" and program.locate(program.absolute(binding, module), module.path) is None
        for binding in module.bindings.get(root.id, ())
    )
