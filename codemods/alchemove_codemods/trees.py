"""Walking syntax trees; the functions of the standard library cost more than twice as much."""

from __future__ import annotations

import ast

_CONTEXT_AND_OPERATORS = frozenset({"ctx", "op", "ops"})
_PLAIN = frozenset({"id", "attr", "arg", "asname", "module", "level", "rest", "kwd_attrs", "str"})
_DETAILS = frozenset({"kind", "simple", "is_async", "conversion", "type_comment", "type_ignores"})
_NEVER_NODES = _CONTEXT_AND_OPERATORS | _PLAIN | _DETAILS
"""Fields that hold no node, or only marks (contexts and operators), which nothing here asks for."""

_NO_NODES_IN: dict[str, frozenset[str]] = {
    "value": frozenset({"Constant", "MatchSingleton"}),
    "names": frozenset({"Global", "Nonlocal"}),
}
"""Fields that hold nodes but in these classes; ``name`` is text everywhere but in ``type X = ...``."""

LEAVES = frozenset({ast.Name, ast.Constant, ast.alias, ast.Pass})
"""The most frequent classes of nodes that have none below them: who asks for the children of very many nodes asks for these first."""

_fields: dict[type[ast.AST], tuple[str, ...]] = {}


def _fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of *kind* that may hold nodes."""
    found = [f for f in kind._fields if f not in _NEVER_NODES and kind.__name__ not in _NO_NODES_IN.get(f, ())]
    _fields[kind] = tuple(f for f in found if f != "name" or kind.__name__ == "TypeAlias")
    return _fields[kind]


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below *node*, but for contexts and operators."""
    found: list[ast.AST] = []
    kind = node.__class__
    fields = _fields.get(kind)
    for name in _fields_of(kind) if fields is None else fields:
        value = getattr(node, name, None)
        if type(value) is list:
            found += value
        elif value is not None:
            found.append(value)
    return [each for each in found if each is not None] if None in found else found


def suites(node: ast.AST) -> list[list[ast.stmt]]:
    """The blocks of statements of *node*: its body, what follows ``else`` and ``finally``."""
    found = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
    return [suite for suite in found if isinstance(suite, list) and suite]


def walk(node: ast.AST) -> list[ast.AST]:
    """*node* and everything below it, in no particular order."""
    found: list[ast.AST] = []
    stack: list[ast.AST | None] = [node]
    while stack:
        here = stack.pop()
        if here is None:
            continue
        found.append(here)
        kind = here.__class__
        fields = _fields.get(kind)
        for name in _fields_of(kind) if fields is None else fields:
            value = getattr(here, name, None)
            if type(value) is list:
                stack += value
            else:
                stack.append(value)
    return found
