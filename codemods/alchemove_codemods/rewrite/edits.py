"""Edits of one file: decided on the unchanged text, rendered inner before outer, spliced once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.source import PROTECTED, Source


class Conflict(Exception):
    """Two edits of one place, or an outer edit that loses an inner one: a bug in a rule."""


@dataclass(slots=True, eq=False)
class Edit:
    """Replaces the text from ``start`` to ``end`` by what ``render`` makes of it.

    What is inserted where another edit ends comes behind that; if it is ``joined``, it belongs to what that is around.
    """

    start: int
    end: int
    render: Callable[[], str]
    rule: str = ""
    optional: bool = False
    joined: bool = False
    inner: list[Edit] = field(default_factory=list)
    rendered: str | None = None
    used: bool = False

    def holds(self, edit: Edit) -> bool:
        """Whether *edit*, which does not begin before, is inside of what this one replaces."""
        inside = edit.joined and self.start < self.end
        return self.end > edit.start or (self.end == edit.start and inside)


@dataclass(frozen=True, slots=True)
class Insertion:
    """Text that is put in at an offset of a file."""

    module: ModuleFacts
    at: int
    text: str


class Edits:
    """All edits of one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._edits: list[Edit] = []
        self._roots: list[Edit] | None = None
        self._rendering: list[Edit] = []
        self.text = source.text

    def add(
        self,
        start: int,
        end: int,
        render: Callable[[], str],
        rule: str = "",
        *,
        optional: bool = False,
        joined: bool = False,
    ) -> None:
        """Add an edit; *render* may ask :meth:`segment` for the text of what lies inside.

        An *optional* edit is one that an outer edit may drop together with the text it is for. What is inserted and *joined*
        belongs inside of an edit that ends there.
        """
        self._edits.append(Edit(start, end, render, rule, optional, joined))
        self._roots = None

    def has_joined(self, end: int) -> bool:
        """Whether something is inserted at *end* that is joined to what ends there."""
        return any(edit.joined and edit.start == end for edit in self._edits)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The offsets of all edits."""
        return [(edit.start, edit.end) for edit in self._edits]

    @property
    def rendered(self) -> list[str]:
        """What the edits that were applied put into the text."""
        return [edit.rendered for edit in self._edits if edit.rendered is not None]

    def __len__(self) -> int:
        return len(self._edits)

    def _nest(self) -> list[Edit]:
        if self._roots is None:
            if any(self.source.text[e.start : e.end].count("\n") for e in self._edits):
                self.text = self.source.protected
            roots: list[Edit] = []
            stack: list[Edit] = []
            for edit in sorted(self._edits, key=lambda e: (e.start, e.end > e.start, -e.end)):
                while stack and not stack[-1].holds(edit):
                    stack.pop()
                if stack and (edit.start, edit.end) == (stack[-1].start, stack[-1].end) and edit.start != edit.end:
                    raise Conflict(
                        f"{self.source.path}: rules {stack[-1].rule} and {edit.rule} both edit line {self.source.line_of(edit.start)}"
                    )
                if stack and edit.end > stack[-1].end:
                    raise Conflict(
                        f"{self.source.path}: edits of {stack[-1].rule} and {edit.rule} overlap at line {self.source.line_of(edit.start)}"
                    )
                (stack[-1].inner if stack else roots).append(edit)
                stack.append(edit)
            self._roots = roots
        return self._roots

    def segment(self, start: int, end: int) -> str:
        """The text from *start* to *end* with the edits inside it applied."""
        pieces: list[str] = []
        at = start
        level = self._rendering[-1].inner if self._rendering else self._nest()
        for edit in self._inside(start, end, level):
            pieces.append(self.text[at : edit.start])
            pieces.append(self._render(edit))
            at = edit.end
        pieces.append(self.text[at:end])
        return "".join(pieces)

    def _inside(self, start: int, end: int, level: list[Edit]) -> list[Edit]:
        found: list[Edit] = []
        for edit in level:
            if edit.start >= start and edit.end <= end:
                found.append(edit)
            elif edit.inner:
                found.extend(self._inside(start, end, edit.inner))
        return found

    def _render(self, edit: Edit) -> str:
        edit.used = True
        if edit.rendered is None:
            self._rendering.append(edit)
            edit.rendered = edit.render()
            self._rendering.pop()
        return edit.rendered

    def changed(self, start: int, end: int) -> str:
        """The text from *start* to *end*, which begins and ends in no edit, with the edits inside it applied."""
        return self.segment(start, end).replace(PROTECTED, "\n")

    def apply(self) -> str:
        """The whole text with all edits applied. Raises :exc:`Conflict` if an edit got lost."""
        text = self.changed(0, len(self.source.text))
        for edit in self._edits:
            if not edit.used and not edit.optional:
                raise Conflict(
                    f"{self.source.path}: an outer edit drops that of rule {edit.rule} at line {self.source.line_of(edit.start)}"
                )
        return text
