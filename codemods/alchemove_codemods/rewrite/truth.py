"""Truth tests: a Query is always true, a select() has no truth, so what was asked is asked for by ``is not None``.

What is asked for its class is asked for the other one: ``isinstance(query, Select)``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from alchemove_codemods.analysis.records import Tested
from alchemove_codemods.rewrite.file import File
from alchemove_codemods.rewrite.views import Refused

_OR = re.compile(r"(?:[\s\\)]|#[^\n]*)*(or)\b")


def presence_test(file: File, test: Tested) -> tuple[int, int, Callable[[], str]]:
    """What ``query`` or ``not query`` becomes where only its truth matters: the range, and the text that takes its place.

    Of ``query or other`` that is the word between them.
    """
    source, node = file.module.source, test.node
    if test.of_class:
        return source.start(node), source.end(node), file.select_class
    outer = file.parents.get(node)
    if test.chosen and isinstance(outer, ast.BoolOp):
        word = _OR.match(source.text, source.end(node), source.start(outer.values[1]))
        if word is None:
            raise Refused("truth-test")
        return word.start(1), word.end(1), lambda: f"if {file.text(node)} is not None else"
    if isinstance(outer, ast.UnaryOp) and isinstance(outer.op, ast.Not):
        return source.start(outer), source.end(outer), lambda: f"{file.text(node)} is None"
    start, end = source.start(node), source.end(node)
    return start, end, lambda: f"{source.text[start:end]} is not None"
