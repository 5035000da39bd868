"""Decorators of the program that hand every call on as it is: ``def wrapper(*args, **kwargs): ...; return function(*args, **kwargs)``.

Who calls what such a decorator makes calls the function: with the same arguments, and gets what it gives. The wrapper may add keywords that the
function has no parameter for, and look at the object whose method it is; nothing else of what it is given means anything to it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Function

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge


def passes_on(knowledge: Knowledge, function: FunctionFacts, decorator: ast.expr) -> bool:
    """Whether a call of what *decorator* makes of *function* is a call of *function*, for all that it takes and gives."""
    called = isinstance(decorator, ast.Call)
    found = knowledge.static(function.module, decorator.func if isinstance(decorator, ast.Call) else decorator)
    if not isinstance(found, Function) or found.facts.decorators or found.receiver is not None:
        return False
    maker = returned_function(found.facts.node) if called else found.facts.node
    inner, parents = returned_function(maker), found.facts.module.source.parents
    match maker, inner:
        case ast.FunctionDef(args=ast.arguments(args=[ast.arg(arg=name)])), ast.FunctionDef():
            call = _last_call(inner, name)
            return (
                call is not None
                and _only_calls(maker, inner, name, call, parents)
                and _only_passes(inner, call, function, parents)
                and not any(isinstance(n, ast.Name) and n.id in ("locals", "vars", "eval", "exec") for n in walk(inner))
            )
    return False


def returned_function(node: ast.AST | None) -> ast.AST | None:
    """The function that *node* defines and returns at its end."""
    match node:
        case ast.FunctionDef(body=[*before, ast.Return(value=ast.Name(id=name))]):
            found = [n for n in before if isinstance(n, ast.FunctionDef) and n.name == name]
            mentioned = [n for n in walk(node) if isinstance(n, ast.Name) and n.id == name]
            return found[0] if len(found) == 1 and len(mentioned) == 1 else None
    return None


def _last_call(wrapper: ast.FunctionDef, name: str) -> ast.Call | None:
    """The call of *name* whose result *wrapper* returns, if it never returns anything else."""
    others = (ast.Return, ast.Yield, ast.YieldFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    match wrapper.body[-1]:
        case ast.Return(value=ast.Call(func=ast.Name(id=called)) as call) if called == name:
            inside = [n for statement in wrapper.body[:-1] for n in walk(statement)]
            return None if any(isinstance(n, others) for n in inside) else call
    return None


def _only_calls(
    maker: ast.FunctionDef, wrapper: ast.FunctionDef, name: str, call: ast.Call, parents: Mapping[ast.AST, ast.AST]
) -> bool:
    """Whether the function *name* is called by *call* alone; besides, ``wraps(name)`` and ``name.__name__`` tell nobody of it."""
    for node in walk(maker):
        if not isinstance(node, ast.Name) or node.id != name or node is call.func:
            continue
        match parents.get(node):
            case ast.Call(func=function, args=[ast.Name()]) as outer if last_name(function) == "wraps":
                if outer in wrapper.decorator_list:
                    continue
            case ast.Attribute(attr="__name__" | "__qualname__" | "__module__" | "__doc__", ctx=ast.Load()):
                continue
        return False
    return len(wrapper.decorator_list) <= 1 and all(isinstance(d, ast.Call) for d in wrapper.decorator_list)


def _only_passes(
    wrapper: ast.FunctionDef, call: ast.Call, function: FunctionFacts, parents: Mapping[ast.AST, ast.AST]
) -> bool:
    """Whether *call* passes just what *wrapper* is given, which has no other use for it, to *function*."""
    given = wrapper.args
    names = [a.arg for a in (*given.posonlyargs, *given.args)]
    rest, keywords = given.vararg and given.vararg.arg, given.kwarg and given.kwarg.arg
    expected = [*names, *([f"*{rest}"] if rest else []), *([f"**{keywords}"] if keywords else [])]
    passed = [ast.unparse(a) for a in call.args] + [f"{k.arg or '**'}{ast.unparse(k.value)}" for k in call.keywords]
    if given.kwonlyargs or given.defaults or passed != expected:
        return False
    own = names[0] if names and function.is_method else None
    passing = {n for n in walk(call) if isinstance(n, ast.Name)}
    for node in walk(wrapper):
        if not isinstance(node, ast.Name) or node.id not in {*names, rest, keywords} or node in passing:
            continue
        match parents.get(node):
            case ast.Subscript(value=value, slice=ast.Constant(value=str(key)), ctx=ast.Store()):
                if value is node and node.id == keywords and key not in {p.arg for p in function.parameters}:
                    continue
            case ast.Attribute(ctx=ast.Load()) if node.id == own:
                continue
        return False
    return True
