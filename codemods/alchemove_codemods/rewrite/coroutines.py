"""One file of the ``async`` stage, as its rules see it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from alchemove_codemods.colours.decide import Colours
from alchemove_codemods.colours.layer import Layer
from alchemove_codemods.colours.responses import Response
from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.rewrite.imports import Imports


@dataclass(frozen=True, slots=True)
class File:
    """One file that is being rewritten, with the decisions about the whole program."""

    colours: Colours
    module: ModuleFacts
    edits: Edits
    imports: Imports

    @property
    def layer(self) -> Layer:
        """The session module; without one nothing becomes a coroutine."""
        assert self.colours.layer is not None
        return self.colours.layer

    def replace(self, node: ast.AST, text: str, rule: str) -> None:
        """Put *text* in the place of *node*."""
        source = self.module.source
        self.edits.add(source.start(node), source.end(node), partial(str, text), rule)

    def insert(self, at: int, text: str, rule: str, *, joined: bool = False) -> None:
        """Put *text* at the offset *at*; *joined* to what ends there, inside of what is put around that."""
        self.edits.add(at, at, partial(str, text), rule, joined=joined)

    def wrap(self, node: ast.expr, around: Callable[[str], str], rule: str) -> None:
        """Put what *around* makes of the text of *node*, an ``await``, in its place."""
        source = self.module.source
        start, end = source.start(node), source.end(node)

        def text() -> str:
            inside = self.edits.segment(start, end)
            # ``return a, b`` is one value.
            bare = isinstance(node, ast.Tuple) and not inside.startswith("(")
            return around(f"({inside})" if bare else inside)

        self.wrap_as(node, text, rule)

    def wrap_as(self, node: ast.expr, text: Callable[[], str], rule: str) -> None:
        """Put *text*, an ``await``, in the place of *node*: in parentheses where something binds more tightly."""
        source = self.module.source
        parenthesised = self._binds(node)
        self.edits.add(source.start(node), source.end(node), lambda: f"({text()})" if parenthesised else text(), rule)

    def wrap_call(self, node: ast.expr, callee: str, rule: str) -> None:
        """``node`` → ``callee(node)``."""
        self.wrap_between(node, f"{callee}(", ")", rule)

    def wrap_between(self, node: ast.expr, before: str, after: str, rule: str) -> None:
        """Put *before* and *after* around the text of *node*."""
        start, end = self.module.source.start(node), self.module.source.end(node)
        self.edits.add(start, end, lambda: f"{before}{self.edits.segment(start, end)}{after}", rule)

    def _binds(self, node: ast.expr) -> bool:
        match self.module.source.parents.get(node):
            case ast.Attribute() | ast.Await() | ast.BinOp(op=ast.Pow()):
                return True
            case ast.Subscript(value=value) | ast.Call(func=value):
                return value is node
        return False


def validated(file: File, response: Response) -> str:
    """The text that turns ``{}`` into its response model, or loads what that reads."""
    if response.preloaded:
        return f"{file.imports.use('loaded', 'alchemove')}({file.module.source.segment(response.node)}, {{}})"
    if response.adapter:
        return file.imports.use("TypeAdapter", "pydantic") + response.validate
    return response.validate
