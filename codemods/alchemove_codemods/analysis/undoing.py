"""What may take an object out of its session: called by the function itself, by functions that it calls, at the end of a block."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.interruptions import SWALLOWING
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.in_session import Undone
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Function, Module

if TYPE_CHECKING:
    from alchemove_codemods.analysis.frame import Frame
    from alchemove_codemods.analysis.knowledge import Knowledge
    from alchemove_codemods.analysis.persistence import Dynamic

_OUT = re.compile(
    r"close|expunge|remove|delete|detach|transient|teardown|purge|drop|destroy|reset|clear|wipe|truncate", re.IGNORECASE
)
_BACK = re.compile(r"rollback|roll_back|abort", re.IGNORECASE)
_HARMLESS = frozenset(
    {
        "patch", "object", "dict", "multiple", "freeze_time", "subTest", "begin", "begin_nested", "no_autoflush", "open", "nullcontext",
        "catch_warnings", "warns", "assertLogs", "assertWarns", "session_transaction", "Mocker",
    }
)  # fmt: skip
"""Context managers that end no session."""
_OF_SESSIONS = re.compile(r"sess|app_context|request_context|\A(?:s|db)\Z", re.IGNORECASE)
_DEEPEST = 5


def of_call(frame: Frame, dynamic: Dynamic, node: ast.Call, name: str, callee: FunctionFacts | None) -> Undone:
    """What the call *node* of something called *name* may undo; *callee* is the function of the program behind it."""
    function = node.func
    if isinstance(function, ast.Attribute):
        receiver = function.value
        if isinstance(receiver, ast.Attribute) and receiver.attr in dynamic.names:
            return Undone.NOTHING  # a collection, not a session
        if isinstance(receiver, ast.Constant):
            return Undone.NOTHING
    by_name = Undone.ALL if _OUT.search(name) else _back(name)
    return max(by_name, of_function(frame.knowledge, dynamic, callee)) if callee is not None else by_name


def of_function(knowledge: Knowledge, dynamic: Dynamic, function: FunctionFacts) -> Undone:
    """What a call of *function*, a function of the program, may undo, itself or in what it calls."""
    if function not in dynamic.undone:
        found = Undone.NOTHING
        seen, level = {function}, [function]
        for _ in range(_DEEPEST):
            facts = [_facts(knowledge, dynamic, each) for each in level]
            found = max(found, *(undone for undone, _ in facts))
            level = [c for c in dict.fromkeys(c for _, called in facts for c in called) if c not in seen]
            seen.update(level)
            if not level or found is Undone.SESSION:
                break
        else:
            found = max(found, Undone.ALL)
        dynamic.undone[function] = found
    return dynamic.undone[function]


def _facts(knowledge: Knowledge, dynamic: Dynamic, function: FunctionFacts) -> tuple[Undone, tuple[FunctionFacts, ...]]:
    """What *function* itself may undo, and the functions that it calls."""
    if function not in dynamic.calling:
        found = Undone.NOTHING
        called: dict[FunctionFacts, None] = {}
        for member in knowledge.overriding(function):
            failing = _failing(member.node)
            for node in walk(member.node):
                if isinstance(node, ast.Call) and node not in failing:
                    found = max(found, _undone_by(dynamic, node))
                    callee = _callee(knowledge, member, node.func)
                    if callee is not None:
                        called[callee] = None
        dynamic.calling[function] = (found, tuple(called))
    return dynamic.calling[function]


def _undone_by(dynamic: Dynamic, node: ast.Call) -> Undone:
    """What the call *node* may undo by its name."""
    name = last_name(node.func) or ""
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    if isinstance(receiver, ast.Attribute) and receiver.attr in dynamic.names:
        return Undone.NOTHING
    if _OUT.search(name):
        return Undone.SESSION if _closes(name, receiver) else Undone.ALL
    return _back(name)


def _back(name: str) -> Undone:
    return Undone.UNCOMMITTED if _BACK.search(name) else Undone.NOTHING


def _closes(name: str, receiver: ast.expr | None) -> bool:
    """Whether a method *name* of *receiver*, by their names, empties or closes a session."""
    holder = last_name(receiver.func if isinstance(receiver, ast.Call) else receiver) if receiver is not None else None
    return name == "expunge_all" or (name in ("close", "remove") and _OF_SESSIONS.search(holder or "") is not None)


def _failing(function: ast.AST) -> set[ast.AST]:
    """The calls of handlers that always raise: who called the function goes on behind none of them."""
    return {
        call
        for node in walk(function)
        if isinstance(node, ast.ExceptHandler) and isinstance(node.body[-1], ast.Raise)
        for call in walk(node)
        if isinstance(call, ast.Call)
    }


def _callee(knowledge: Knowledge, function: FunctionFacts, node: ast.expr) -> FunctionFacts | None:
    """The function of the program that *node*, as *function* writes it, means as far as names alone tell."""
    match node:
        case ast.Name(id=name):
            value = knowledge.program.lookup(function.module, name)
            if isinstance(value, Class):
                return knowledge.method(value.facts, "__init__")
            return value.facts if isinstance(value, Function) else None
        case ast.Attribute(value=ast.Name(id=name), attr=attr):
            if function.owner is not None and function.parameters and function.parameters[0].arg == name:
                return knowledge.method(function.owner, attr)
            value = knowledge.program.lookup(function.module, name)
            if isinstance(value, Module):
                inner = knowledge.program.lookup(value.facts, attr)
                return inner.facts if isinstance(inner, Function) else None
            return knowledge.method(value.facts, attr) if isinstance(value, Class) else None
    return None


def at_end_of_block(node: ast.With | ast.AsyncWith) -> tuple[Undone, bool]:
    """What the end of the block *node* may undo, and whether its body may have been left half-way without anybody noticing."""
    names = [
        last_name(item.context_expr.func if isinstance(item.context_expr, ast.Call) else item.context_expr) or ""
        for item in node.items
    ]
    swallowing = any(name in SWALLOWING for name in names)
    harmless = all(name in _HARMLESS or name in SWALLOWING for name in names)
    if harmless:
        return Undone.NOTHING, swallowing
    return Undone.SESSION if any(_OF_SESSIONS.search(name) for name in names) else Undone.ALL, swallowing


def ends_with_it(function: FunctionFacts, node: ast.expr) -> Undone:
    """What is undone by leaving blocks, or a ``try`` that cleans up, on the way of what *node* returns from *function*."""
    undone, around = Undone.NOTHING, function.module.source.parents.get(node)
    while around is not None and around is not function.node:
        undone = max(undone, _end_of(around))
        around = function.module.source.parents.get(around)
    return undone


def _end_of(node: ast.AST) -> Undone:
    match node:
        case ast.With() | ast.AsyncWith():
            return at_end_of_block(node)[0]
        case ast.Try(finalbody=cleaning):
            calls = [last_name(n.func) or "" for s in cleaning for n in walk(s) if isinstance(n, ast.Call)]
            if any(_OUT.search(name) for name in calls):
                return Undone.SESSION
            return max(map(_back, calls), default=Undone.NOTHING)
    return Undone.NOTHING
