"""Blocks that an exception may leave at any point: what the variables are where the program goes on then."""

from __future__ import annotations

import ast
import functools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.facts import last_name
from alchemove_codemods.joining import join
from alchemove_codemods.trees import walk
from alchemove_codemods.values import BOTTOM, Value

SWALLOWING = frozenset(
    {"raises", "assertRaises", "assertRaisesRegex", "assertRaisesRegexp", "suppress", "assert_raises"}
)
"""Context managers that go on behind their block after an exception in it."""


@contextmanager
def interruption(
    frame: Frame, body: list[ast.stmt]
) -> Iterator[Callable[[dict[str, Value] | None], dict[str, Value] | None]]:
    """What is interpreted in this block, the statements *body*, may be left anywhere.

    The function that is given says what the variables may be then, for those that were there when it began. Variables that
    nothing outside reads do not matter: one name for several queries in turn is nothing that they have to do with each other.
    """
    bound: dict[str, list[Value]] = {}
    frame.interruptible.append(bound)

    def anywhere(start: dict[str, Value] | None) -> dict[str, Value] | None:
        found = {} if start is None else dict(start)
        for name in bound.keys() & _read_outside(frame.function.node, tuple(body)):
            value = found.get(name, BOTTOM)
            for other in bound[name]:
                value = join(value, other)
            found[name] = value
        return None if start is None and not found else found

    yield anywhere
    frame.interruptible.pop()
    if frame.interruptible:
        for name, values in bound.items():
            frame.interruptible[-1].setdefault(name, []).extend(values)


def may_swallow(node: ast.expr) -> bool:
    """Whether the context manager *node* is known for going on behind its block after an exception."""
    return isinstance(node, ast.Call) and last_name(node.func) in SWALLOWING


@functools.lru_cache(maxsize=1 << 12)
def _read_outside(function: ast.AST, body: tuple[ast.stmt, ...]) -> frozenset[str]:
    """The names that *function* reads elsewhere than in *body*, which is part of it."""
    inside = Counter(name for node in body for name in _read(node))
    return frozenset(name for name, times in Counter(_read(function)).items() if times > inside[name])


def _read(node: ast.AST) -> Iterator[str]:
    return (n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
