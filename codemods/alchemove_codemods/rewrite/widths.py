"""Lines that a rewrite has made too long are broken inside their last pair of brackets, as formatters do."""

from __future__ import annotations

import difflib
import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_ROUNDS = 6
"""How often a line is broken at the most: each round breaks what the one before has put inside brackets."""

_SHORT = 16
"""What is no longer than that stands in brackets of its own line only if nothing else can."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Brackets that open and close on one line, with the columns of both.

    ``commas`` are those between items inside, ``clauses`` the columns where ``for`` and ``if`` of a comprehension begin.
    """

    opening: int
    closing: int
    commas: tuple[int, ...]
    clauses: tuple[int, ...]


def fitted(old: str, new: str, width: int | None) -> str:
    """*new* with each line that is longer than *width*, and than what it takes the place of in *old*, broken.

    Only white space inside brackets, and a comma before a closing one, is added, so the program stays the same.

    Args:
        old: the text before the rewrite.
        new: the text after it.
        width: how many characters a line may have, without a comment at its end; None leaves everything as it is.
    """
    for _ in range(_ROUNDS if width is not None else 0):
        assert width is not None
        lines = new.split("\n")
        wanted = list(_too_long(old.split("\n"), lines, width))
        broken = dict(_broken(lines, wanted, width)) if wanted else {}
        if not broken:
            break
        new = "\n".join(broken.get(at, line) for at, line in enumerate(lines))
    return new


def _too_long(old: Sequence[str], new: Sequence[str], width: int) -> Iterator[int]:
    """The lines of *new*, counted from 0, that are longer than *width* and than those they take the place of."""
    if not any(_length(line) > width for line in new):
        return
    for tag, first, last, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            before = max((_length(line) for line in old[first:last]), default=0)
            yield from (at for at in range(start, end) if _length(new[at]) > max(width, before))


def _length(line: str) -> int:
    return len(line.partition("  #")[0].rstrip())


def _broken(lines: Sequence[str], wanted: Sequence[int], width: int) -> Iterator[tuple[int, str]]:
    """The lines *wanted* that can be broken, each with its new text."""
    pairs = _pairs("\n".join(lines))
    for at in wanted:
        code = lines[at].rstrip("\r")
        choice = _choice(code, pairs.get(at, []), width)
        if choice is not None:
            ending = lines[at][len(code) :]
            yield at, (ending + "\n").join(_laid_out(code, choice, width)) + ending


def _choice(code: str, pairs: Sequence[Pair], width: int) -> Pair | None:
    """The brackets of the line *code* to break it in.

    Those of the parameters in the head of a function; else the last ones that leave nothing too long; else the last ones
    before which the line fits.
    """
    outermost = [p for p in pairs if not any(o.opening < p.opening and p.closing < o.closing for o in pairs)]
    possible = [p for p in outermost if p.closing > p.opening + 1 and p.opening < width]
    if code.lstrip().startswith(("def ", "async def ", "class ")):
        return possible[0] if possible else None
    indent = len(_indent(code))
    possible = [p for p in reversed(possible) if indent + _length(code[p.closing :]) <= width]
    possible.sort(key=lambda p: p.closing - p.opening <= _SHORT)
    inside = indent + len(_unit(code))
    fitting = (p for p in possible if inside + p.closing - p.opening - 1 <= width)
    return next(fitting, possible[0] if possible else None)


def _laid_out(code: str, pair: Pair, width: int) -> list[str]:
    outer = _indent(code)
    inner = outer + _unit(code)
    body = code[pair.opening + 1 : pair.closing].strip()
    head, tail = code[: pair.opening + 1], code[pair.closing :]
    if len(inner + body) > width and pair.clauses:
        edges = [pair.opening + 1, *pair.clauses, pair.closing]
        return [head, *(f"{inner}{code[a:b].strip()}" for a, b in pairwise(edges)), outer + tail]
    if len(inner + body) > width and pair.commas:
        edges = [pair.opening, *pair.commas, pair.closing]
        items = [code[a + 1 : b].strip() for a, b in pairwise(edges)]
        return [head, *(f"{inner}{item}," for item in items if item), outer + tail]
    return [head, inner + body, outer + tail]


@dataclass(slots=True)
class _Open:
    """A bracket that is not closed yet."""

    row: int
    column: int
    commas: list[int] = field(default_factory=list[int])
    clauses: list[int] = field(default_factory=list[int])
    in_lambda: bool = False
    """Whether the parameters of a lambda stand right inside, which have commas of their own."""


def _indent(code: str) -> str:
    return code[: len(code) - len(code.lstrip())]


def _unit(code: str) -> str:
    return "\t" if "\t" in _indent(code) else "    "


def _pairs(text: str) -> dict[int, list[Pair]]:
    """The pairs of brackets that open and close on one line, by lines; not those inside f-strings."""
    found: dict[int, list[Pair]] = {}
    stack: list[_Open] = []
    strings = before = 0
    text_before = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        name, (row, column) = tokenize.tok_name[token.type], token.start
        strings += name.endswith("STRING_START") - name.endswith("STRING_END")
        if strings:
            continue
        inside = stack[-1] if stack else None
        match token.string:
            case "(" | "[" | "{" if token.type == tokenize.OP:
                stack.append(_Open(row, column))
            case ")" | "]" | "}" if token.type == tokenize.OP and inside is not None:
                stack.pop()
                if inside.row == row:
                    # The commas of a comprehension do not stand between items.
                    commas = () if inside.clauses else tuple(inside.commas)
                    pair = Pair(inside.column, column, commas, tuple(inside.clauses))
                    found.setdefault(row - 1, []).append(pair)
            case "," if inside is not None and not inside.in_lambda:
                inside.commas.append(column)
            case "lambda" if inside is not None:
                inside.in_lambda = True
            case ":" if inside is not None:
                inside.in_lambda = False
            case "for" if inside is not None:
                inside.clauses.append(before if text_before == "async" else column)
            case "if" if inside is not None and inside.clauses:
                inside.clauses.append(column)
        text_before, before = token.string, column
    return found
