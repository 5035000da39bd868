"""Background tasks that go on with the session of their request, which then has to be one that can begin anew."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.facts import ClassFacts, FunctionFacts, local_names
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Function, Instance, Rows, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


def may_have_it(colours: Colours, function: FunctionFacts, call: ast.Call) -> bool:
    """Whether *call* in *function* adds a background task that can have the session of the request to itself.

    FastAPI 0.106 to 0.117 end the legacy session before the tasks, the others after them: then nothing uncommitted may be left in
    it, and the task must need no object to be attached to it.
    """
    graph = colours.graph
    match call:
        case ast.Call(func=ast.Attribute(value=tasks, attr="add_task"), args=[task, *given]):
            given = [*given, *(k.value for k in call.keywords)]
        case _:
            return False
    added_to = list(parts(graph.value(function, tasks)))
    if not added_to or not all(isinstance(p, Instance) and str(p.cls).endswith("BackgroundTasks") for p in added_to):
        return False
    runs = _functions(colours, function, task)
    if runs is None or any(k.arg is None for k in call.keywords):
        return False
    if any(isinstance(a, (ast.Lambda, ast.Starred)) for a in given) or not all(_works(colours, f) for f in runs):
        return False
    version = colours.fastapi
    attached = any(_may_be_attached(colours, function, a) for a in given)
    attached = attached or any(_may_be_attached(colours, f, n) for f in runs for n in _taken_along(f))
    if version is not None and (0, 106) <= version < (0, 118):
        # A rollback at the end expires objects, where the legacy session only let go of them.
        return not (attached and function in colours.unfinished)
    if function in colours.unfinished or attached:
        return False
    return not any(s.kind in ("lazy", "property") for f in graph.reached(runs) for s in graph.sites.get(f, ()))


def sessions_in(colours: Colours, function: FunctionFacts, call: ast.Call) -> tuple[ast.expr, ...]:
    """The sessions that the task is given by *call*, which stay sync ones; a coroutine with an AsyncSession is given that."""
    runs = _functions(colours, function, call.args[0]) or []
    if all(f in colours.coroutines for f in runs):
        return ()
    given = [*call.args[1:], *(k.value for k in call.keywords)]
    return tuple(a for a in given if colours.graph.is_session(function, a))


def _functions(colours: Colours, function: FunctionFacts, task: ast.expr) -> list[FunctionFacts] | None:
    """What *task* runs; None if that is not known, or has a scope around it that is not that of *function*."""
    if not isinstance(task, (ast.Name, ast.Attribute)):
        return None
    found: list[FunctionFacts] = []
    for part in parts(colours.graph.value(function, task)):
        if not isinstance(part, Function):
            return None
        if part.facts.owner is None and _is_nested(part.facts) and part.facts.outer is not function:
            return None
        found += colours.graph.overriding(part.facts)
    return found or None


def _is_nested(function: FunctionFacts) -> bool:
    return function.outer is not None and not isinstance(function.outer.node, ast.Module)


def _taken_along(function: FunctionFacts) -> list[ast.Name]:
    """The names of the scope around *function* that it reads."""
    if not _is_nested(function):
        return []
    own = local_names(function.node) | {p.arg for p in function.parameters}
    names = (n for n in walk(function.node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    return [n for n in names if n.id not in own]


def _works(colours: Colours, function: FunctionFacts) -> bool:
    """Whether *function* works with the sync session inside of an AsyncSession, in ``run_sync``."""
    if is_generator(function) or function in colours.spilling:
        return False
    if isinstance(function.node, ast.AsyncFunctionDef):
        return function in colours.coroutines or function in colours.keeping or function not in colours.needing
    return function not in colours.coroutines


def _may_be_attached(colours: Colours, function: FunctionFacts, node: ast.expr) -> bool:
    """Whether *node* may be, or hold, an object of the session that loads something from it later."""
    if isinstance(node, ast.Constant) or colours.graph.is_session(function, node):
        return False
    models = colours.knowledge.models
    for part in parts(colours.graph.value(function, node)):
        match part:
            case Instance(cls=ClassFacts() as cls):
                if models.is_mapped(cls):
                    return True
            case Rows():
                return True
    return False
