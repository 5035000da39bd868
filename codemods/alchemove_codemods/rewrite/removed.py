"""What the rules for constructs that stand for themselves are given, and the edits that they make."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from alchemove_codemods.analysis.records import Removed
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.registry import handlers
from alchemove_codemods.rewrite.file import File
from alchemove_codemods.rewrite.views import Refusal, Refused
from alchemove_codemods.values import UNKNOWN, Value

_GAP = re.compile(r"[\s,\\]*")
_PRIMARY = (ast.Name, ast.Attribute, ast.Call, ast.Subscript)


@dataclass(frozen=True, slots=True)
class Piece:
    """One edit: the text from ``start`` to ``end`` becomes what ``render`` gives; it may be empty on either side."""

    start: int
    end: int
    render: Callable[[], str]


@dataclass(slots=True, eq=False)
class Gone:
    """A construct that 2.0 removed. A rule calls the methods that edit it, or gives a :class:`Refusal`."""

    file: File
    record: Removed
    pieces: list[Piece] = field(default_factory=list)

    @property
    def call(self) -> ast.Call:
        """The call."""
        assert isinstance(self.record.node, ast.Call)
        return self.record.node

    @property
    def function(self) -> FunctionFacts:
        """The function around it."""
        return self.record.function

    @property
    def method(self) -> str:
        """The name of the function or method that is called."""
        function = self.call.func
        return (
            function.attr
            if isinstance(function, ast.Attribute)
            else function.id
            if isinstance(function, ast.Name)
            else ""
        )

    @property
    def keywords(self) -> dict[str, ast.expr]:
        """The keyword arguments; raises :exc:`Refused` for ``**``."""
        if any(k.arg is None for k in self.call.keywords) or any(isinstance(a, ast.Starred) for a in self.call.args):
            raise Refused("removed-arguments", "* or **")
        return {k.arg: k.value for k in self.call.keywords if k.arg}

    def value(self, node: ast.expr) -> Value:
        """What the argument *node* is."""
        arguments = [a.value if isinstance(a, ast.Starred) else a for a in self.call.args]
        for argument, value in zip([*arguments, *(k.value for k in self.call.keywords)], self.record.values):
            if argument is node:
                return value
        return UNKNOWN

    def text(self, node: ast.AST) -> str:
        """The text of *node*, with what is rewritten inside it."""
        return self.file.text(node)

    def name(self, symbol: str, package: str = "sqlalchemy") -> str:
        """How ``package.symbol`` is written in this file; imported if need be."""
        return self.file.imports.use(symbol, package)

    def start(self, node: ast.AST) -> int:
        """Where *node* starts."""
        return self.file.module.source.start(node)

    def end(self, node: ast.AST) -> int:
        """Where *node* ends."""
        return self.file.module.source.end(node)

    # edits ---------------------------------------------------------------------------------------------------------

    def insert(self, at: int, text: str) -> None:
        """Put *text* at the offset *at*."""
        self.pieces.append(Piece(at, at, lambda: text))

    def replace(self, start: int, end: int, text: str | Callable[[], str]) -> None:
        """Replace the text between two offsets; pass a function if edits lie inside."""
        self.pieces.append(Piece(start, end, text if callable(text) else lambda: text))

    def wrap(self, node: ast.AST, before: str, after: str = ")") -> None:
        """Put *before* and *after* around *node*."""
        self.insert(self.start(node), before)
        self.insert(self.end(node), after)

    def rename(self, name: str) -> None:
        """Call another method instead."""
        function = self.call.func
        end = self.end(function)
        self.replace(end - len(self.method), end, name)

    def unpack(self, node: ast.List | ast.Tuple) -> None:
        """Take the brackets of a display away, so that its items become arguments."""
        start, end = self.start(node), self.end(node)
        text = self.file.module.source.text
        if self._unstack(node):
            return
        self.replace(start, start + 1, "")
        trailing = node.elts and "," in re.sub(r"#[^\r\n]*", "", text[self.end(node.elts[-1]) : end - 1])
        following = re.compile(r"[ \t]*,").match(text, end)
        # Of the comma behind the last item and the one behind the list, one has to go.
        self.replace(end - 1, following.end() if trailing and following else end, "")

    def _unstack(self, node: ast.List | ast.Tuple) -> bool:
        """Move the items of a display one level out if its brackets have lines of their own; False if they have not."""
        source = self.file.module.source
        text, start, end = source.text, self.start(node), self.end(node)
        line = source.starts[node.lineno - 1]
        last = source.starts[(node.end_lineno or 1) - 1]
        opened = re.compile(r"[ \t]*(?:\r\n|\n|\r)").match(text, start + 1)
        if not node.elts or opened is None or text[line:start].strip() or text[last : end - 1].strip():
            return False
        trailing = "," in re.sub(r"#[^\r\n]*", "", text[self.end(node.elts[-1]) : end - 1])
        following = re.compile(r"[ \t]*,").match(text, end)
        if following and not trailing:
            return False
        indent, inner = text[line:start], source.indent_at(self.start(node.elts[0]))
        by = inner[len(indent) :] if inner.startswith(indent) else ""
        body_end = len(text[:last].rstrip("\r\n"))

        def render() -> str:
            body = self.file.edits.segment(opened.end(), body_end)
            return (
                "".join(
                    part[: len(indent)] + part[len(inner) :] if part.startswith(inner) else part
                    for part in body.splitlines(keepends=True)
                )
                if by
                else body
            )

        self.replace(line, following.end() if following else end, render)
        return True

    # layout --------------------------------------------------------------------------------------------------------

    def check_gaps(self) -> None:
        """Raise :exc:`Refused` if there is anything but commas between the arguments: a comment, parentheses."""
        text = self.file.module.source.text
        at = text.index("(", self.end(self.call.func)) + 1
        for node in sorted([*self.call.args, *self.call.keywords], key=self.start):
            if not _GAP.fullmatch(text, at, self.start(node)):
                raise Refused("removed-layout")
            at = self.end(node)
        if not _GAP.fullmatch(text, at, self.end(self.call) - 1):
            raise Refused("removed-layout")

    def arguments(self, render: Callable[[], str]) -> None:
        """Replace everything from the name of the function to the end of the call."""
        self.check_gaps()
        self.replace(self.end(self.call.func), self.end(self.call), render)

    def primary(self, node: ast.AST) -> None:
        """Raise :exc:`Refused` unless an attribute can be put behind *node* as it stands."""
        if not isinstance(node, _PRIMARY):
            raise Refused("removed-layout")


def pieces_of(file: File, stage: str, record: Removed) -> list[Piece] | Refusal:
    """The edits that the rule for *record* makes in *file*, or why it makes none."""
    rule = handlers(stage)["Gone", record.rule]
    view = Gone(file, record)
    try:
        result = rule.function(view)
    except Refused as refused:
        return refused.refusal
    return result if isinstance(result, Refusal) else view.pieces
