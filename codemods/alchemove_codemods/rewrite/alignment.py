"""Lines that were aligned with an opening bracket stay so when a rewrite moves that bracket along its line.

    query = query.filter(or_(User.name == name,         query = query.where(or_(User.name == name,
                             User.nick == name))   ->                           User.nick == name))

Linters call anything else an error (pycodestyle's E127 and E128). Only white space inside brackets changes, never a string.
"""

from __future__ import annotations

import difflib
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.rewrite.pieces import touched

_BRACKET_BEFORE_TEXT = re.compile(r"[(\[{](?=[^\s#])")


@dataclass(frozen=True, slots=True)
class _Bracket:
    """An opening bracket: where it is, and whether something follows it on its line."""

    row: int
    column: int
    followed: bool


def aligned(edits: Edits, width: int | None) -> str:
    """The whole text with all *edits* applied, and what was aligned with brackets aligned again.

    A statement stays as its edits leave it where a line would become longer than *width*. Raises
    :exc:`~alchemove_codemods.rewrite.edits.Conflict` if an edit got lost.
    """
    text, source = edits.apply(), edits.source
    made, kept, at = [], [], 0
    for start, end in touched(edits):
        made += [source.text[at:start], edits.changed(start, end)]
        kept += ["", source.text[start:end]]
        at = end
    made.append(source.text[at:])
    if "".join(made) != text:
        return text  # something is inserted between two statements
    for index in range(1, len(made), 2):
        made[index] = _realigned(kept[index], made[index], width)
    return "".join(made)


def _realigned(old: str, new: str, width: int | None) -> str:
    """*new*, which takes the place of *old*, with the alignment of *old*."""
    before, after = old.split("\n"), new.split("\n")
    if old == new or not _may_be_aligned(before) or any("\t" in _indent(line) for line in (*before, *after)):
        return new
    try:
        opened, opens = _innermost(old), _innermost(new)
    except (tokenize.TokenError, SyntaxError):
        return new
    counterparts = dict(_counterparts(before, after))
    moved: dict[int, int] = {}
    together: dict[_Bracket, int] = {}
    for row, line in enumerate(after):
        bracket = opens.get(row)
        if bracket is None or not line.strip():
            continue
        by, was = moved.get(bracket.row, 0), counterparts.get(row)
        origin = opened.get(was) if was is not None else None
        if was is not None and origin is not None and origin.followed and bracket.followed:
            if len(_indent(before[was])) == origin.column + 1:
                by += bracket.column + 1 - len(_indent(line))
                together[bracket] = by
        elif was is None:
            by = together.get(bracket, by)
        if by:
            moved[row] = by
    lines = [_moved(line, moved.get(row, 0)) for row, line in enumerate(after)]
    too_long = width is not None and any(len(lines[r]) > max(width, len(after[r])) for r in moved)
    return new if too_long else "\n".join(lines)


def _may_be_aligned(lines: Sequence[str]) -> bool:
    """Whether a line begins below the end of an opening bracket: most code has none, and need not be looked at closely."""
    columns: set[int] = set()
    for line in lines:
        if len(_indent(line)) in columns:
            return True
        columns.update(match.end() for match in _BRACKET_BEFORE_TEXT.finditer(line))
    return False


def _innermost(text: str) -> dict[int, _Bracket]:
    """For each line that begins inside brackets, but in no string, the innermost of them; lines count from 0."""
    found: dict[int, _Bracket] = {}
    stack: list[_Bracket] = []
    strings, begun = 0, -1
    lines = text.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
        name, row, column = tokenize.tok_name[token.type], token.start[0] - 1, token.start[1]
        if row > begun and not strings and name not in ("NL", "NEWLINE", "INDENT", "DEDENT", "ENDMARKER"):
            if stack:
                found[row] = stack[-1]
            begun = row
        begun = max(begun, token.end[0] - 1) if "STRING" in name else begun
        strings += name.endswith("STRING_START") - name.endswith("STRING_END")
        if token.type == tokenize.OP and not strings:
            if token.string in "([{":
                rest = lines[row][column + 1 :].strip()
                stack.append(_Bracket(row, column, bool(rest) and not rest.startswith("#")))
            elif token.string in ")]}" and stack:
                stack.pop()
    return found


def _counterparts(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The lines of *after*, each with the line of *before* that it was."""
    matcher = difflib.SequenceMatcher(None, [b.strip() for b in before], [a.strip() for a in after], autojunk=False)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal" or (tag == "replace" and last - first == end - start):
            yield from zip(range(start, end), range(first, last))
        elif tag == "replace":
            at = start
            for old in range(first, last):
                found = next((new for new in range(at, end) if _begin_alike(before[old], after[new])), None)
                if found is not None:
                    yield found, old
                    at = found + 1


def _begin_alike(old: str, new: str) -> bool:
    """Whether *new* is *old* but for what comes later on the line."""
    old, new = old.strip(), new.strip()
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new)))
    return shared * 2 >= min(len(old), len(new)) > 0


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _moved(line: str, by: int) -> str:
    return " " * by + line if by >= 0 else line[-by:] if not line[:-by].strip() else line
