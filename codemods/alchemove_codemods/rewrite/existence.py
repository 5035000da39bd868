"""How ``exists().where(...)`` is written from the inside: ``select(literal_column("*")).where(...).exists()``."""

from __future__ import annotations

import ast
import io
import tokenize
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.existence import Existence, joined

if TYPE_CHECKING:
    from alchemove_codemods.rewrite.file import File

_BLANK = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)


def inside_out(file: File, found: Existence) -> str:
    """The text of *found* as a select() that ends in ``exists()``; the criteria of an ``and_()`` become those of ``where()``."""
    source, segment = file.module.source, file.edits.segment
    text = f'{file.imports.use("select")}({file.imports.use("literal_column")}("*"))'
    for step in found.steps:
        function = step.func
        assert isinstance(function, ast.Attribute)
        text += segment(source.end(function.value), source.end(function))
        criteria = joined(step.args[0]) if len(step.args) == 1 and function.attr == "where" else None
        if criteria is None:
            text += segment(source.end(function), source.end(step))
        else:
            call = step.args[0]
            assert isinstance(call, ast.Call)
            text += segment(source.end(function), source.start(call))
            text += _inside(segment(source.end(call.func), source.end(call))) + segment(
                source.end(call), source.end(step)
            )
    return text + ".exists()"


def _inside(text: str) -> str:
    """What stands in the parentheses that *text* consists of, without a comma at the end and comments behind it."""
    lines = io.StringIO(text.strip(), newline="")
    tokens = [t for t in tokenize.generate_tokens(lines.readline) if t.type not in _BLANK]
    last = tokens[-3] if tokens[-2].string == "," else tokens[-2]
    kept = text.strip().splitlines(keepends=True)[: last.end[0]]
    kept[-1] = kept[-1][: last.end[1]]
    return "".join(kept)[1:].lstrip()
