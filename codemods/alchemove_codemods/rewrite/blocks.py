"""Edits that make a block of the statements in which a session lives; whole lines move, go or get a new head."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from alchemove_codemods.analysis.transactions.plans import Plan
from alchemove_codemods.analysis.transactions.scopes import Scope
from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.source import Source
from alchemove_codemods.trees import walk

_COMMENT = re.compile(r"#[^\r\n]*")


class CannotLayOut(Exception):
    """The statements do not have their lines for themselves."""


@dataclass(slots=True, eq=False)
class Layout:
    """Puts the edits of *plan* into *edits*; ``opened`` is how the new session is opened: ``get_sync_session()``.

    ``first`` is a further line with which a ``with`` begins that is put around statements.
    """

    source: Source
    edits: Edits
    plan: Plan
    opened: str
    first: str = ""

    @property
    def scope(self) -> Scope:
        """The scope that changes."""
        return self.plan.scope

    @property
    def inside(self) -> int:
        """How many statements stay inside the block; all, where nothing but what goes would leave it."""
        body, inside = self.scope.body, self.plan.inside
        return len(body) if all(s in self.plan.removed for s in body[inside:]) else inside

    def apply(self) -> None:
        """Add all edits. Raises :exc:`CannotLayOut`."""
        scope, plan = self.scope, self.plan
        self._check_lines()
        for call in plan.flushed:
            end = self.source.end(call.func)
            self.edits.add(end - len("commit"), end, lambda: "flush", "flush")
        removed = set(plan.removed)
        for statement in plan.removed:
            self._remove(statement, removed)
        match scope.form:
            case "with":
                self._head_of_with()
                self._move_out(self._unit(scope.node, scope.body))
            case "unwrapped":
                self._head_of_with()
                self._unwrap()
            case "swapped":
                self._swap()
            case "try":
                assert scope.attempt is not None
                self._remove(scope.node, removed)
                self._head_for_try(scope.attempt)
                self._drop_clauses(scope.attempt, self._kept_part(scope.attempt))
                self._move_out(self._unit(scope.attempt, scope.body))
            case "inside-try":
                self._remove(scope.node, removed)
                assert scope.attempt is not None
                self._into_block(scope.body[: self.inside])
                if not scope.final:
                    self._drop_final(scope.attempt)
            case "plain":
                self._remove(scope.node, removed)
                self._into_block(scope.body[: self.inside])

    # lines -----------------------------------------------------------------------------------------------------------

    def _line(self, number: int) -> int:
        """The offset of the start of line *number*, or the end of the text."""
        starts = self.source.starts
        return starts[number - 1] if number <= len(starts) else len(self.source.text)

    def _lines(self, first: int, last: int) -> tuple[int, int]:
        return self._line(first), self._line(last + 1)

    def _behind(self, node: ast.stmt) -> int:
        """The offset behind the lines of *node* and the blank ones after them, which go with it where it goes."""
        number = (node.end_lineno or 0) + 1
        while (
            number <= len(self.source.starts)
            and not self.source.text[self._line(number) : self._line(number + 1)].strip()
        ):
            number += 1
        return self._line(number)

    def _check_lines(self) -> None:
        scope = self.scope
        for node in [*scope.body, *self.plan.removed, scope.node, *([scope.attempt] if scope.attempt else [])]:
            start = self.source.start(node)
            before = self.source.text[self._line(node.lineno) : start]
            rest = self.source.text[self.source.end(node) : self._line((node.end_lineno or node.lineno) + 1)]
            if before.strip() or not re.fullmatch(r"[ \t]*(#[^\r\n]*)?(\r\n|\n|\r)?", rest):
                raise CannotLayOut

    def _indent(self, node: ast.stmt) -> str:
        return self.source.indent_at(self.source.start(node))

    def _unit(self, outer: ast.stmt, body: list[ast.stmt]) -> str:
        """What the lines of *body* have before those of *outer*."""
        own, inner = self._indent(outer), self._indent(body[0])
        if not inner.startswith(own) or inner == own:
            raise CannotLayOut
        return inner[len(own) :]

    def _shift(self, text: str, by: str) -> str:
        return "".join(by + line if line.strip("\r\n") else line for line in text.splitlines(keepends=True))

    def _dedent(self, text: str, indent: str, by: str) -> str:
        """*text* with *by* taken away behind *indent*, which is where its block starts."""
        whole = indent + by
        return "".join(
            indent + line[len(whole) :] if line.startswith(whole) else line for line in text.splitlines(keepends=True)
        )

    # statements that go ------------------------------------------------------------------------------------------------

    def _remove(self, node: ast.stmt, removed: Iterable[ast.stmt]) -> None:
        """Take the lines of *node* away; a comment on them stays, and so does a block that would be empty."""
        if self._in_dropped_clause(node):
            return
        start, end = self._lines(node.lineno, node.end_lineno or node.lineno)
        indent = self._indent(node)
        comments = _COMMENT.findall(self.source.text[self.source.end(node) : end])
        kept = "".join(f"{indent}{comment.rstrip()}{self.source.newline}" for comment in comments)
        siblings = self._siblings(node)
        if all(s in removed or s is node for s in siblings) and siblings[-1] is node and not self._block_goes(siblings):
            kept += f"{indent}pass{self.source.newline}"
        elif not kept:
            start, end = self._with_blank_lines(node, siblings, start, end)
        self.edits.add(start, end, lambda: kept, "removed")

    def _with_blank_lines(self, node: ast.stmt, siblings: list[ast.stmt], start: int, end: int) -> tuple[int, int]:
        """No two groups of blank lines may meet, and no block may begin or end with one."""
        text = self.source.text
        first = node.lineno
        while first > 1 and not text[self._line(first - 1) : self._line(first)].strip():
            first -= 1
        blank_before = first < node.lineno
        following = re.compile(r"(?:[ \t]*(?:\r\n|\n|\r))+").match(text, end)
        if siblings and siblings[-1] is node and len(siblings) > 1 and blank_before:
            return self._line(first), end
        if following and (blank_before or (siblings and siblings[0] is node)):
            return start, following.end()
        return start, end

    def _siblings(self, node: ast.stmt) -> list[ast.stmt]:
        for outer in walk(self.source.tree):
            for name in ("body", "orelse", "finalbody"):
                block = getattr(outer, name, None)
                if isinstance(block, list) and node in block:
                    return block
        return []

    def _block_goes(self, siblings: list[ast.stmt]) -> bool:
        attempt = self.scope.attempt
        if attempt is None:
            return False
        return (siblings is attempt.finalbody and not self.scope.final) or siblings is attempt.orelse

    def _in_dropped_clause(self, node: ast.stmt) -> bool:
        """Whether the lines of *node* go together with the clause it stands in."""
        attempt = self.scope.attempt
        if attempt is None:
            return False
        if node in attempt.finalbody and not self.scope.final:
            return True
        if any(_within(s, node) for s in attempt.finalbody):
            return not self.scope.final
        drops = self.scope.form in ("try", "unwrapped")
        return drops and any(_within(h, node) for h in attempt.handlers)

    # heads -----------------------------------------------------------------------------------------------------------

    def _header(self) -> str:
        return f"with {self.opened} as {self.scope.name}:"

    def _head_of_with(self) -> None:
        node = self.scope.node
        assert isinstance(node, ast.With)
        item = next(i for i in node.items if _within(i.context_expr, self.scope.opening.call))
        self.edits.add(
            self.source.start(item.context_expr), self.source.end(item.context_expr), lambda: self.opened, "opening"
        )
        if len(node.items) == 2 and self.scope.commits and _is_begin(node.items[1], self.scope.name):
            assert item.optional_vars is not None
            self.edits.add(
                self.source.end(item.optional_vars), self.source.end(node.items[1].context_expr), lambda: "", "opening"
            )

    def _head_for_try(self, attempt: ast.Try) -> None:
        start = self.source.start(attempt)
        colon = self.source.text.index(":", start)
        if self.source.text[start:colon].strip() != "try":
            raise CannotLayOut
        self.edits.add(start, colon + 1, self._header, "opening")

    # try -------------------------------------------------------------------------------------------------------------

    def _clause_line(self, word: str, above: ast.AST, below: ast.stmt) -> int:
        """The line of ``finally:`` or ``else:`` between two statements."""
        for number in range((above.end_lineno or 0) + 1, below.lineno + 1):  # type: ignore[attr-defined]
            if re.match(rf"[ \t]*{word}[ \t]*:", self.source.text[self._line(number) : self._line(number + 1)]):
                return number
        raise CannotLayOut

    def _kept_part(self, attempt: ast.Try) -> list[ast.stmt]:
        return attempt.body

    def _drop_clauses(self, attempt: ast.Try, body: list[ast.stmt]) -> None:
        """Take the handlers and ``finally`` of *attempt* away, and the line of its ``else``."""
        last = body[-1]
        end = attempt.end_lineno or 0
        if attempt.handlers:
            first = attempt.handlers[0].lineno
        elif attempt.finalbody:
            first = self._clause_line("finally", last, attempt.finalbody[0])
        else:
            return
        if not attempt.orelse:
            self._drop(first, end, self._indent(attempt))
            return
        final_from = end + 1
        if attempt.finalbody:
            final_from = self._clause_line("finally", attempt.orelse[-1], attempt.finalbody[0])
        above = attempt.handlers[-1] if attempt.handlers else last
        self._drop(first, self._clause_line("else", above, attempt.orelse[0]), self._indent(attempt))
        if attempt.finalbody:
            self._drop(final_from, end, self._indent(attempt))

    def _drop(self, first: int, last: int, indent: str) -> None:
        start, end = self._lines(first, last)
        comments = _COMMENT.findall(self.source.text[start:end]) if "#" in self.source.text[start:end] else []
        kept = "".join(f"{indent}{c.rstrip()}{self.source.newline}" for c in comments)
        while first > 1 and not self.source.text[self._line(first - 1) : self._line(first)].strip():
            first -= 1
        self.edits.add(self._line(first), end, lambda: kept, "clauses")

    def _drop_final(self, attempt: ast.Try) -> None:
        if not attempt.finalbody:
            return
        above = attempt.handlers[-1] if attempt.handlers else attempt.body[-1]
        self._drop(
            self._clause_line("finally", above, attempt.finalbody[0]), attempt.end_lineno or 0, self._indent(attempt)
        )

    # moving ----------------------------------------------------------------------------------------------------------

    def _into_block(self, body: list[ast.stmt]) -> None:
        """Put ``with`` around *body*."""
        indent = self._indent(body[0])
        unit = "\t" if "\t" in indent else "    "
        start, end = self._line(first_line(self.source, body[0])), self._behind(body[-1])

        def render() -> str:
            inner = self.edits.segment(start, end)
            first = f"{indent}{unit}{self.first}{self.source.newline}" if self.first else ""
            return f"{indent}{self._header()}{self.source.newline}{first}{self._shift(inner, unit)}"

        self.edits.add(start, end, render, "block")

    def _move_out(self, unit: str) -> None:
        """The statements behind the commit leave the block."""
        body, inside = self.scope.body, self.inside
        if inside >= len(body):
            return
        self._dedent_lines(body[inside:], unit)

    def _dedent_lines(self, body: list[ast.stmt], unit: str) -> None:
        whole = self._indent(body[0])
        indent = whole[: -len(unit)]
        start, end = self._lines(first_line(self.source, body[0]), body[-1].end_lineno or 0)
        self.edits.add(start, end, lambda: self._dedent(self.edits.segment(start, end), indent, unit), "block")

    def _unwrap(self) -> None:
        """Take the ``try`` away that is all of the block."""
        attempt = self.scope.attempt
        assert attempt is not None
        unit = self._unit(attempt, attempt.body)
        inside = self.inside
        start = self._line(attempt.lineno)
        colon = self.source.text.index(":", self.source.start(attempt))
        head_end = self._line(attempt.lineno + 1)
        comments = _COMMENT.findall(self.source.text[colon:head_end])
        indent = self._indent(attempt)
        kept = "".join(f"{indent}{c.rstrip()}{self.source.newline}" for c in comments)
        self.edits.add(start, head_end, lambda: kept, "unwrapped")
        first = attempt.lineno + 1
        if attempt.body[0].lineno < first:
            raise CannotLayOut
        block_start, block_end = self._line(first), self._behind(attempt.body[max(inside, 1) - 1])
        self.edits.add(
            block_start,
            block_end,
            lambda: self._dedent(self.edits.segment(block_start, block_end), indent, unit),
            "unwrapped",
        )
        if inside < len(attempt.body):
            outer = indent[: len(indent) - len(self._unit(self.scope.node, [attempt]))]
            both = self._indent(attempt.body[0])[len(outer) :]
            tail_start, tail_end = (
                self._behind(attempt.body[inside - 1]),
                self._line((attempt.body[-1].end_lineno or 0) + 1),
            )
            self.edits.add(
                tail_start,
                tail_end,
                lambda: self._dedent(self.edits.segment(tail_start, tail_end), outer, both),
                "unwrapped",
            )
        self._drop_clauses(attempt, attempt.body)

    def _swap(self) -> None:
        """``with: try: ...`` becomes ``try: with: ...``."""
        node, attempt = self.scope.node, self.scope.attempt
        assert isinstance(node, ast.With)
        assert attempt is not None
        unit = self._unit(node, [attempt])
        indent = self._indent(node)
        head_end = self._line(attempt.lineno)
        try_end = self._line(attempt.lineno + 1)
        head = self.source.text[self.source.start(node) : head_end]
        if self.source.text[head_end:try_end].strip() != "try:" or "\n" in head.rstrip("\r\n"):
            raise CannotLayOut
        self._head_of_with()
        start = self._line(node.lineno)

        def swapped() -> str:
            line = self.edits.segment(start, head_end)
            return f"{indent}try:{self.source.newline}{indent}{unit}{line[len(indent) :]}"

        self.edits.add(start, try_end, swapped, "swapped")
        inside = self.inside
        rest_start = self._behind(attempt.body[max(inside, 1) - 1])
        rest_end = self._line((attempt.end_lineno or 0) + 1)
        self.edits.add(
            rest_start,
            rest_end,
            lambda: self._dedent(self.edits.segment(rest_start, rest_end), indent, unit),
            "swapped",
        )
        if attempt.finalbody:
            self._drop_final(attempt)


def first_line(source: Source, node: ast.stmt) -> int:
    """The first of the comment lines right above *node*, else its own."""
    line: int = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    while line > 1 and source.text[source.starts[line - 2] : source.starts[line - 1]].lstrip().startswith("#"):
        line -= 1
    return line


def _within(outer: ast.AST, node: ast.AST) -> bool:
    return any(inner is node for inner in ast.walk(outer))


def _is_begin(item: ast.withitem, name: str) -> bool:
    match item.context_expr:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=base), attr="begin")):
            return base == name
    return False
