"""Objects that outlive an exception: a caller gave them to the session, or finds them where they were put, and goes on with them after it has caught the exception.

A session that is only closed leaves objects as they are, loaded, or with the key that they got. The block rolls back: what was loaded has expired then, and
what was new is new again (one that discards leaves what was loaded as it is, and is not told apart here). Who looks at them behind the exception sees the difference, and so does who tries once more with the same object. After a flush that
fails there is none: the session rolls back then by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial

from alchemove_codemods.analysis.transactions.phases import ends
from alchemove_codemods.analysis.transactions.reach import Reach
from alchemove_codemods.analysis.transactions.scopes import Scope, mentions
from alchemove_codemods.analysis.transactions.vocabulary import RUNNING
from alchemove_codemods.analysis.transactions.wrappers import is_call_of
from alchemove_codemods.facts import FunctionFacts, last_name, stored_names
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

_DEEPEST = 3
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


def always_rolled_back(scope: Scope) -> bool:
    """Whether the session rolled back whatever was raised, as the block does."""
    if scope.attempt is None or scope.form not in ("try", "unwrapped"):
        return False
    broad = [h for h in scope.attempt.handlers if h.type is None or last_name(h.type) in ("Exception", "BaseException")]
    return any(is_call_of(s, scope.name, "rollback") for h in broad for s in h.body)


def survivor(program: Program, scope: Scope, reach: Reach) -> str:
    """What outlives an exception in *scope*, and where; empty if nothing does."""
    if always_rolled_back(scope):
        return ""
    function = scope.opening.function
    flushing = not program.mentioning(b"deferrable") and not any(
        isinstance(n, ast.Attribute) and n.attr in RUNNING for s in scope.body for n in walk(s)
    )
    for name in (p.arg for p in function.parameters if p.arg in reach.handed | reach.taking):
        place = _caught(program, function, name, 0, flushing=flushing)
        if place:
            return f"{name}, after an exception that is caught at {place}"
    for attribute in sorted(_stored(function, scope, reach)):
        place = next(_places(program, function, partial(_reads, attribute)), "")
        if place:
            return f"{attribute}, after an exception that is caught at {place}"
    return ""


def _stored(function: FunctionFacts, scope: Scope, reach: Reach) -> set[str]:
    """The attributes of ``self`` that get objects of the session."""
    own = function.parameters[0].arg if function.is_method and function.parameters else ""
    found: set[str] = set()
    for node in (n for s in scope.body for n in walk(s)):
        match node:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=base), attr=name)], value=value) if base == own:
                found |= {name} if reach.level(value) else set()
    return found


def _caught(program: Program, function: FunctionFacts, name: str, depth: int, *, flushing: bool) -> str:
    """Where a caller of *function* goes on with what it gave as *name*, after it has caught an exception; ``flushing``: only a flush runs into constraints."""
    for caller, call in _calls(program, function):
        given = _argument(function, name, call)
        if not isinstance(given, ast.Name):
            continue
        if _goes_on(caller, call, given.id, partial(_names, given.id), flushing=flushing):
            return f"{caller.module.path}:{call.lineno}"
        if depth < _DEEPEST and any(p.arg == given.id for p in caller.parameters):
            place = _caught(program, caller, given.id, depth + 1, flushing=flushing)
            if place:
                return place
    return ""


def _places(program: Program, function: FunctionFacts, used: Callable[[ast.AST], bool]) -> Iterator[str]:
    for caller, call in _calls(program, function):
        if _goes_on(caller, call, "", used):
            yield f"{caller.module.path}:{call.lineno}"


def _calls(program: Program, function: FunctionFacts) -> Iterator[tuple[FunctionFacts, ast.Call]]:
    """The calls of something called like *function* anywhere in *program*, each with the function around it."""
    for path in program.mentioning(function.name.encode()):
        module = program.module(path)
        for node in walk(module.source.tree) if module is not None else ():
            if module is not None and isinstance(node, ast.Call) and last_name(node.func) == function.name:
                around: ast.AST = node
                while not isinstance(around, _FUNCTIONS):
                    around = module.source.parents[around]
                found = module.functions.get(around) if not isinstance(around, ast.Module) else module.body
                if found is not None and found is not function:
                    yield found, node


def _argument(function: FunctionFacts, name: str, call: ast.Call) -> ast.expr | None:
    """What *call* gives *function* as its parameter *name*."""
    named = next((k.value for k in call.keywords if k.arg == name), None)
    names = [p.arg for p in function.parameters]
    if named is not None or name not in names:
        return named
    index = names.index(name) - bool(function.is_method)
    if index < 0:
        return call.func.value if isinstance(call.func, ast.Attribute) else None
    return call.args[index] if index < len(call.args) else None


def _goes_on(
    caller: FunctionFacts, call: ast.Call, name: str, used: Callable[[ast.AST], bool], *, flushing: bool = False
) -> bool:
    """Whether *caller* uses what *used* knows after it has caught an exception of *call*; *name* is what it gives, tried again in a loop."""
    parents = caller.module.source.parents
    below: ast.AST = call
    behind = False
    while below is not caller.node:
        holder = parents[below]
        match holder:
            case ast.Try() if below in holder.body:
                handlers = [h for h in holder.handlers if not (flushing and _only_constraints(h))]
                if any(used(s) for h in handlers for s in h.body) or any(map(used, holder.finalbody)):
                    return True
                again = [h for h in handlers if not ends(h.body) or isinstance(h.body[-1], ast.Continue)]
                behind |= bool(again)
            case ast.With(items=items):
                behind |= any(
                    isinstance(i.context_expr, ast.Call) and last_name(i.context_expr.func) == "suppress" for i in items
                )
            case _ if behind and isinstance(holder, _LOOPS):
                bound = {
                    n for s in walk(holder) if isinstance(s, ast.Assign) for t in s.targets for n in stored_names(t)
                }
                bound |= set() if isinstance(holder, ast.While) else set(stored_names(holder.target))
                if name not in bound:
                    return True
            case _:
                pass
        if behind and any(map(used, _following(holder, below))):
            return True
        below = holder
    return False


def _only_constraints(handler: ast.ExceptHandler) -> bool:
    """Whether *handler* takes nothing but what a constraint of the database raises."""
    return handler.type is not None and last_name(handler.type) == "IntegrityError"


def _following(holder: ast.AST, node: ast.AST) -> list[ast.stmt]:
    """What stands behind *node* in the block of *holder* that it is in."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(holder, field, None)
        if isinstance(block, list) and node in block:
            return block[block.index(node) + 1 :]
    return []


def _names(name: str, node: ast.AST) -> bool:
    return mentions(node, name)


def _reads(attribute: str, node: ast.AST) -> bool:
    return any(isinstance(n, ast.Attribute) and n.attr == attribute and isinstance(n.ctx, ast.Load) for n in walk(node))
