"""Whether a statement that a session runs only reads: ``select(...)``, textual SQL that begins so, and what comes from there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.changing_functions import calls_changing, changes
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.transactions.names import enclosing
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import children
from alchemove_codemods.values import Plain

if TYPE_CHECKING:
    from alchemove_codemods.analysis.transactions.reach import Reach

_READING = ("SELECT ", "SELECT\n", "SHOW ", "PRAGMA ")
_SELECTING = frozenset({"select", "union", "union_all", "intersect", "except_"})
_WRITING = frozenset({"insert", "update", "delete"})
_PLAIN_DECORATORS = frozenset({"staticmethod", "classmethod"})
_DEEPEST = 4


def reads_only(knowledge: Knowledge, function: FunctionFacts, node: ast.expr, reach: Reach) -> bool:
    """Whether the statement *node* of *function*, given to ``execute()``, only reads; variables and functions of the program are followed."""
    value = reach.kept.get(node)
    if isinstance(value, Plain) and isinstance(value.literal, str):
        return value.literal.lstrip().upper().startswith("SELECT ") and not changes(value.literal)
    return _reads(knowledge, function, node, 0)


def builds(callee: ast.expr) -> bool:
    """Whether *callee* is a method of a statement that is built here: ``select(User).where``. Nothing is run by that."""
    if not isinstance(callee, ast.Attribute):
        return False
    node: ast.expr = callee
    while isinstance(node, (ast.Attribute, ast.Call)):
        if isinstance(node, ast.Call) and last_name(node.func) in _SELECTING | _WRITING:
            return isinstance(node.func, ast.Name) or isinstance(node.func.value, ast.Name)  # type: ignore[attr-defined]
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return False


def _reads(knowledge: Knowledge, function: FunctionFacts, node: ast.expr, depth: int) -> bool:
    if depth > _DEEPEST:
        return False
    match node:
        case ast.Call(func=called, args=args):
            name = last_name(called)
            if name in _WRITING:
                return False
            if name == "text":
                match args:
                    case [ast.Constant(value=str(text)), *_]:
                        return text.lstrip().upper().startswith(_READING) and not changes(text)
                return False
            if name in _SELECTING:
                return not any(calls_changing(a) for a in args)
            target = knowledge.calls.get(called)
            if target is not None:
                return _gives(knowledge, target, depth)
            # A builder: of something that reads, it makes something that reads.
            return isinstance(called, ast.Attribute) and _reads(knowledge, function, called.value, depth)
        case ast.IfExp(body=body, orelse=orelse):
            return _reads(knowledge, function, body, depth) and _reads(knowledge, function, orelse, depth)
        case ast.Name(id=name):
            holder = enclosing(function, name) or function.module.body
            bound = list(_bound(holder, name))
            others = [b for b in bound if b is None or not _builds_on(b, name)]
            return bool(others) and all(b is not None and _reads(knowledge, holder, b, depth + 1) for b in others)
    return False


def _gives(knowledge: Knowledge, function: FunctionFacts, depth: int) -> bool:
    """Whether all that *function*, and what overrides it, returns is something that reads."""
    for each in knowledge.overriding(function):
        decorated = getattr(each.node, "decorator_list", [])
        if not isinstance(each.node, ast.FunctionDef) or not all(last_name(d) in _PLAIN_DECORATORS for d in decorated):
            return False
        returned = [n for n in _own(each.node) if isinstance(n, ast.Return)]
        if not returned or any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in _own(each.node)):
            return False
        if not all(r.value is not None and _reads(knowledge, each, r.value, depth + 1) for r in returned):
            return False
    return True


def _bound(function: FunctionFacts, name: str) -> Iterator[ast.expr | None]:
    """What *name* is assigned in *function*; None where it is bound in another way."""
    if any(a.arg == name for a in function.parameters):
        yield None
    given: set[ast.AST] = set()
    for node in _own(function.node):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=bound) as target], value=value)
                | ast.AnnAssign(target=ast.Name(id=bound) as target, value=ast.expr() as value)
            ) if bound == name:
                given.add(target)
                yield value
            case ast.Name(id=bound, ctx=ast.Store()) if bound == name and node not in given:
                yield None
            case ast.Global() | ast.Nonlocal() if name in node.names:
                yield None


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """What is below *node*, parents first, without functions and classes that are defined there."""
    for child in children(node):
        yield child
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            yield from _own(child)


def _builds_on(node: ast.expr, name: str) -> bool:
    """Whether *node* is the variable *name* with builders called on it: ``stmt = stmt.where(...)``."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in _WRITING:
            return False
        node = node.func.value
    return isinstance(node, ast.Name) and node.id == name
