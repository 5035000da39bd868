"""What an engine did with a statement that it was given: it committed what writes, and read the rest."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from alchemove_codemods.facts import FunctionFacts, last_name, local_names
from alchemove_codemods.rewrite.removed import Gone
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Plain

# What SQLAlchemy 1.4 committed by itself, on every database.
_WRITES = re.compile(r"\s*(?:UPDATE|INSERT|CREATE|DELETE|DROP|ALTER)\b", re.IGNORECASE)
_READS = re.compile(r"\s*(?:SELECT|SHOW|PRAGMA|EXPLAIN|DESCRIBE)\b", re.IGNORECASE)
_WRITING = frozenset({"insert", "update", "delete"})
_ROOTS = _WRITING | {"select", "text"}


def block_of(gone: Gone) -> str | None:
    """``begin`` for what was committed, ``connect`` for what was not, None if that cannot be told."""
    if not gone.call.args:
        return None
    node = gone.call.args[0]
    value = gone.value(node)
    if isinstance(value, Plain) and isinstance(value.literal, str):
        return _of_text(value.literal)
    kinds = set(_kinds(gone, node, frozenset()))
    return kinds.pop() if len(kinds) == 1 else None


def is_counted(gone: Gone, name: str) -> bool:
    """Whether nothing but the ``rowcount`` of the variable *name* is ever read, which a write remembers."""
    function = gone.function.node
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or name not in local_names(function):
        return False
    read = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name and not _is_bound(n)]
    return all(isinstance(p := gone.file.parents.get(n), ast.Attribute) and p.attr == "rowcount" for n in read)


def _kinds(gone: Gone, node: ast.expr | None, above: frozenset[str]) -> Iterator[str | None]:
    """The kinds of what the statement *node* can be; *above* are the variables that are looked into."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not _is_root(node):
        if node.func.attr == "execution_options" and any(k.arg in (None, "autocommit") for k in node.keywords):
            yield None  # committed, whatever it is
            return
        node = node.func.value
    match node:
        case ast.Call(func=called) if last_name(called) in _WRITING:
            yield "begin"
        case ast.Call(func=called) if last_name(called) == "select":
            yield "connect"
        case ast.Call(args=[written, *_]) if _is_root(node):
            yield from _kinds(gone, written, above)
        case ast.Name(id=name):
            if name not in above:
                for given in _given(gone, node):
                    yield from _kinds(gone, given, above | {name})
        case _:
            text = _head(node)
            yield None if text is None else _of_text(text)


def _of_text(text: str) -> str | None:
    return "begin" if _WRITES.match(text) else "connect" if _READS.match(text) else None


def _given(gone: Gone, name: ast.Name) -> list[ast.expr | None]:
    """What the variable *name* was given; None stands for what is not known."""
    function: FunctionFacts | None = gone.function
    while function is not None and not isinstance(function.node, ast.Module):
        if name.id in local_names(function.node):
            stores = [n for n in walk(function.node) if isinstance(n, ast.Name) and n.id == name.id and _is_bound(n)]
            given = [gone.file.parents.get(n) for n in stores]
            passed = any(p.arg == name.id for p in function.parameters)
            return [None] if passed else [a.value if isinstance(a, ast.Assign) else None for a in given]
        function = function.outer
    found = gone.file.module.bindings.get(name.id, ())
    return [b.node if b.kind == "value" and isinstance(b.node, ast.expr) else None for b in found] or [None]


def _is_bound(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _is_root(node: ast.Call) -> bool:
    return last_name(node.func) in _ROOTS


def _head(node: ast.expr | None) -> str | None:
    """The text that a string made of several parts begins with."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=[first, *_]):
            return _head(first)
        case ast.BinOp(left=left):
            return _head(left)
        case ast.Call(func=ast.Attribute(value=inner, attr="format")):
            return _head(inner)
    return None
