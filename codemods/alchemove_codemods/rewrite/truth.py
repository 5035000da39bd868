"""Truth tests: a Query is always true, a select() has no truth, so what was asked is asked for by ``is not None``."""

from __future__ import annotations

import ast
from collections.abc import Callable

from alchemove_codemods.rewrite.file import File


def presence_test(file: File, node: ast.expr) -> tuple[int, int, Callable[[], str]]:
    """What ``query`` or ``not query`` becomes where only its truth matters: the range, and the text that takes its place."""
    source = file.module.source
    outer = file.parents.get(node)
    if isinstance(outer, ast.UnaryOp) and isinstance(outer.op, ast.Not):
        return source.start(outer), source.end(outer), lambda: f"{file.text(node)} is None"
    start, end = source.start(node), source.end(node)
    return start, end, lambda: f"{source.text[start:end]} is not None"
