"""Columns that the program gives SQL to calculate: ``post.views = Post.views + 1``.

A flush leaves such a value to be read again, like those that the database computes on every UPDATE. Where a commit comes at once,
:mod:`.changes` sees to it; here is what is flushed and read before that.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.trees import suites, walk
from alchemove_codemods.values import BOTTOM, Class, Instance, Sql, Value, parts

_QUIET: Final = frozenset({"add", "add_all", "commit"})
_VALUES: Final = frozenset({"column", "expression", "aggregate", "select"})


def calculated(knowledge: Knowledge) -> frozenset[ast.AST]:
    """The definitions of all such columns."""
    found: set[ast.AST] = set()
    models = knowledge.models
    for module in list(knowledge.program.loaded()):
        for function in module.functions.values():
            for statement, base, name, value in _given(function):
                observed = knowledge.observed.get(function, {})
                if not any(isinstance(v, Sql) and v.kind in _VALUES for v in parts(observed.get(value, BOTTOM))):
                    continue
                for cls in _classes(observed.get(base, BOTTOM)):
                    attribute = models.attribute(cls, name) if models.is_mapped(cls) else None
                    if attribute is None or attribute.kind != "column":
                        continue
                    if not _committed_at_once(function, statement):
                        found.add(attribute.node)
    return frozenset(found)


def _given(function: FunctionFacts) -> Iterator[tuple[ast.AST, ast.expr, str, ast.expr]]:
    """What *function* gives attributes of objects, or new objects: where, which object or class, the attribute, the value."""
    for node in own_nodes(function):
        match node:
            case ast.Assign(targets=[ast.Attribute(value=base, attr=name)], value=value):
                if not isinstance(value, (ast.Constant, ast.Name)):
                    yield node, base, name, value
            case ast.Call(func=ast.Name(id="setattr"), args=[base, ast.Constant(value=str() as name), value]):
                yield node, base, name, value
            case ast.Call(func=ast.Name() as callee, keywords=keywords):
                for keyword in keywords:
                    if keyword.arg is not None and isinstance(keyword.value, (ast.Call, ast.BinOp)):
                        yield node, callee, keyword.arg, keyword.value


def _classes(value: Value) -> Iterator[ClassFacts]:
    for part in parts(value):
        match part:
            case Instance(cls=ClassFacts() as cls) | Class(facts=cls):
                yield cls


def _committed_at_once(function: FunctionFacts, node: ast.AST) -> bool:
    """Whether what comes behind *node* commits, and runs no statement before that."""
    parents = function.module.source.parents
    while node is not function.node:
        holder = parents.get(node)
        if holder is None:
            return False
        if isinstance(holder, (ast.For, ast.AsyncFor, ast.While)) and not _is_quiet(holder):
            return False
        for suite in suites(holder):
            if isinstance(node, ast.stmt) and node in suite:
                for statement in suite[suite.index(node) + 1 :]:
                    if not _is_quiet(statement):
                        return False
                    if any(isinstance(n, ast.Call) and _method(n) == "commit" for n in walk(statement)):
                        return True
        node = holder
    return False


def _is_quiet(node: ast.AST) -> bool:
    """Whether *node* calls nothing that may run a statement, but for the commit."""
    return all(_method(n) in _QUIET for n in walk(node) if isinstance(n, ast.Call))


def _method(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""
