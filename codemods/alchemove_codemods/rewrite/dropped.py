"""The lines ``discard_uncommitted(session)`` of a block, where its session drops what nobody committed."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from alchemove_codemods.analysis.transactions.plans import Plan
from alchemove_codemods.rewrite.blocks import CannotLayOut, first_line
from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.source import Source


@dataclass(frozen=True, slots=True)
class Dropped:
    """Puts them into *edits*; ``call`` is the text of one: ``discard_uncommitted(db)``."""

    source: Source
    edits: Edits
    plan: Plan
    call: str

    def apply(self) -> None:
        """Add all of them that are not the first line of a new ``with``. Raises :exc:`CannotLayOut`."""
        scope, plan = self.plan.scope, self.plan
        if plan.drops and scope.form not in ("inside-try", "plain"):
            if scope.form == "unwrapped" and scope.attempt is not None:
                # The ``try`` around the statements goes: they stand where it stood.
                self._insert(self._line(scope.attempt.lineno + 1), self._indent(scope.attempt))
            else:
                self._insert(self._line(first_line(self.source, scope.body[0])), self._indent(scope.body[0]))
        for node in plan.drops_before:
            start = self.source.start(node)
            if self.source.text[self._line(node.lineno) : start].strip():
                raise CannotLayOut
            self._insert(self._line(first_line(self.source, node)), self._indent(node))
        if plan.drops_at_end:
            last = scope.body[plan.inside - 1]
            self._insert(self._line((last.end_lineno or last.lineno) + 1), self._indent(last), joined=True)

    def _insert(self, at: int, indent: str, *, joined: bool = False) -> None:
        text = f"{indent}{self.call}{self.source.newline}"
        if at and self.source.text[at - 1] not in "\r\n":
            text = f"{self.source.newline}{indent}{self.call}"
        self.edits.add(at, at, lambda: text, "dropped", joined=joined)

    def _line(self, number: int) -> int:
        starts = self.source.starts
        return starts[number - 1] if number <= len(starts) else len(self.source.text)

    def _indent(self, node: ast.stmt) -> str:
        return self.source.indent_at(self.source.start(node))
