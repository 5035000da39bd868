"""Text with styles, so that a terminal and a pipe show the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

Span: TypeAlias = tuple[str, str]
"""A piece of a line, and the name of its style as rich has them (``"bold"``, ``"red"``, ``""``)."""

Line: TypeAlias = tuple[Span, ...]


def line(*parts: str | Span) -> Line:
    """A line of *parts*; a plain string has no style."""
    return tuple((part, "") if isinstance(part, str) else part for part in parts)


def plain(each: Line) -> str:
    """The text of a line alone."""
    return "".join(text for text, _ in each)


def table(head: Sequence[str], rows: Iterable[Sequence[str | int]], indent: str = "  ") -> list[Line]:
    """Columns of *rows* under *head*; numbers are set right, text left."""
    listed = list(rows)
    cells = [[str(cell) for cell in row] for row in listed]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    numeric = [bool(listed) and all(isinstance(row[at], int) for row in listed) for at in range(len(head))]

    def aligned(row: Sequence[str]) -> str:
        fitted = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        return (indent + "  ".join(fitted)).rstrip()

    return [line((aligned(head), "bold")), *(line(aligned(row)) for row in cells)]
