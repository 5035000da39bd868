"""A method of a query that is kept for later: ``run = query.all``, ``run_in_executor(None, query.all)``.

Whoever gets it has to do nothing but call it. Then a function of no arguments that runs the statement is the same to him.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import query_classes
from alchemove_codemods.analysis.arguments import Argument, bind
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.rebound import is_assigned, rebound
from alchemove_codemods.facts import FunctionFacts, last_name, local_names
from alchemove_codemods.trees import walk
from alchemove_codemods.values import UNKNOWN, Function, Query

METHODS = {name: f"{name} itself" for name in ("all", "first", "one", "one_or_none")}
"""Methods that need no arguments, and what the step is called that takes one without calling it."""

_CALLING = {"to_thread": 0, "run_in_threadpool": 0, "submit": 0, "run_in_executor": 1}
"""Functions of asyncio, concurrent.futures and Starlette that call what stands at this place among their arguments."""

_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)
_DEEPEST = 4
"""Through how many hands a method is followed."""


def is_only_called(frame: Frame, node: ast.Attribute, query: Query) -> bool:
    """Whether *node* takes a method of *query*, which gives objects, for somebody who calls it."""
    elements = query.state.elements
    return (
        node.attr in METHODS
        and elements is not None
        and len(elements) == 1
        and elements[0].kind == "entity"
        and not elements[0].starred
        and isinstance(node.value, ast.Name)
        and frame.owner_of(node.value.id) is frame.function
        and not rebound(frame.function.node, node.value.id)
        and not query_classes.overrides(frame.knowledge, query, node.attr)
        and not _is_repeated(frame.function, node)
        and _goes_to_calls(frame.knowledge, frame.function, node, 0)
    )


def _is_repeated(function: FunctionFacts, node: ast.AST) -> bool:
    """Whether *node* stands in a loop of *function*, or in code of its own there."""
    at = function.module.source.parents.get(node)
    while at is not None and at is not function.node:
        if isinstance(at, _LOOPS):
            return True
        at = function.module.source.parents.get(at)
    return at is None


def _goes_to_calls(knowledge: Knowledge, function: FunctionFacts, node: ast.expr, depth: int) -> bool:
    """Whether all that becomes of *node* in *function* is that it is called, once or more, without arguments."""
    if depth > _DEEPEST:
        return False
    match function.module.source.parents.get(node):
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is node:
            return _is_called(knowledge, function, name, depth + 1)
        case ast.Call(func=called, args=[], keywords=[]) if called is node:
            return depth > 0
        case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
            return depth > 0
        case ast.Call() as call:
            return _passed(knowledge, function, call, node, depth + 1)
        case ast.keyword() as keyword:
            outer = function.module.source.parents.get(keyword)
            return isinstance(outer, ast.Call) and _passed(knowledge, function, outer, node, depth + 1)
    return False


def _is_called(knowledge: Knowledge, function: FunctionFacts, name: str, depth: int) -> bool:
    """Whether the variable *name* of *function* is only ever called, or compared with None."""
    outside = any(isinstance(n, (ast.Global, ast.Nonlocal)) and name in n.names for n in walk(function.node))
    uses = [n for n in walk(function.node) if isinstance(n, ast.Name) and n.id == name]
    return not outside and all(
        _scope(function, use) is function.node
        and (isinstance(use.ctx, ast.Store) or _goes_to_calls(knowledge, function, use, depth))
        for use in uses
    )


def _scope(function: FunctionFacts, node: ast.AST) -> ast.AST | None:
    """The function that *node* stands in."""
    at = function.module.source.parents.get(node)
    while at is not None and not isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
        at = function.module.source.parents.get(at)
    return at


def _passed(knowledge: Knowledge, function: FunctionFacts, call: ast.Call, node: ast.expr, depth: int) -> bool:
    """Whether *call* hands *node* to something that only calls it."""
    place = _CALLING.get(last_name(call.func) or "")
    if place is not None:
        return len(call.args) == place + 1 and call.args[place] is node and not call.keywords
    target = _called(knowledge, function, call.func)
    if target is None or target.decorators:
        return False
    arguments = [Argument(a, UNKNOWN) for a in call.args if not isinstance(a, ast.Starred)]
    arguments += [Argument(k.value, UNKNOWN, name=k.arg) for k in call.keywords if k.arg is not None]
    bound = bind(target, None, arguments) if len(arguments) == len(call.args) + len(call.keywords) else None
    names = [name for name, argument in (bound or {}).items() if argument.node is node]
    if len(names) != 1 or names[0] not in _plain(target):
        return False
    return _is_called(knowledge, target, names[0], depth)


def _called(knowledge: Knowledge, function: FunctionFacts, name: ast.expr) -> FunctionFacts | None:
    """The function of the program that *name* means in *function*."""
    if not isinstance(name, ast.Name):
        return None
    inner: FunctionFacts | None = function
    while inner is not None and not isinstance(inner.node, ast.Module):
        if name.id in local_names(inner.node):
            found = [f for f in inner.inner if f.name == name.id]
            return found[0] if len(found) == 1 and not is_assigned(inner.node, name.id) else None
        inner = inner.outer
    value = knowledge.static(function.module, name)
    return value.facts if isinstance(value, Function) and value.receiver is None else None


def _plain(function: FunctionFacts) -> set[str]:
    """The parameters of *function* that take one argument each."""
    arguments = function.node.args  # type: ignore[attr-defined]
    return {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
