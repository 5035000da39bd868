"""Text that only a newer Python can parse, in a form that this one can: not a column moves.

- Type parameters (PEP 695): ``def f[T](x): ...`` and ``class A[T](B): ...`` lose their brackets, ``type X = Y`` becomes ``type;X = Y``.
- f-strings (PEP 701): the strings inside of ``f"{x["key"]}"`` get other quotes, and no backslashes. One whose fields go on in the next line gets
  three quotes at either end, in the place of two characters that it holds there.

Nothing but the tree is made of this text: what is written keeps that of the file.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from itertools import accumulate

_STRING = re.compile(
    r"""(?P<comment>\#[^\r\n]*)|(?P<prefix>\b(?:[bfru]|[bf]r|r[bf]))?(?P<quote>'{3}|"{3}|'|")""", re.IGNORECASE
)
_OTHER = {"'": '"', '"': "'"}
_OPENING, _CLOSING = "([{", ")]}"


class _Unclear(Exception):
    """The text cannot be told in the old way."""


class _GoesOn(_Unclear):
    """A field of a string that has one quote at either end goes on in the next line."""


def readable(text: str) -> str:
    """*text* without what is newer than the oldest Python that runs alchemove, as far as there is another way to say it."""
    try:
        text = _without_nested_quotes(text)
    except (_Unclear, IndexError):
        return text
    return _without_type_parameters(text)


# f-strings -------------------------------------------------------------------------------------------------------------


def _without_nested_quotes(text: str) -> str:
    characters = list(text)
    at = 0
    while (found := _STRING.search(text, at)) is not None:
        at = found.end()
        if found["comment"] is None:
            at = _string(characters, found, ())
    return "".join(characters)


def _string(characters: list[str], found: re.Match[str], around: tuple[str, ...]) -> int:
    """Where the string ends that *found* begins, inside of f-strings with the quotes *around*; they need others in between."""
    quote = found["quote"]
    try:
        return _told(characters, found, around, _allowed(quote, around))
    except _GoesOn:
        if around or len(quote) > 1:
            raise
        start = found.start("quote")
        characters[start:] = found.string[start:]
        return _told(characters, found, around, quote * 3)


def _told(characters: list[str], found: re.Match[str], around: tuple[str, ...], own: str) -> int:
    """The same, where the string gets the quotes *own*."""
    quote = found["quote"]
    start, at = found.start("quote"), found.end()
    text = found.string
    formatted = "f" in (found["prefix"] or "").lower()
    literal: list[tuple[int, int]] = []
    while not text.startswith(quote, at):
        character, begin = text[at], at
        if character == "\\":
            escaped = 1 if formatted and text[at + 1] in "{}" else 3 if text.startswith("\r\n", at + 1) else 2
            if around:
                if text[at + 1] in "\r\n":
                    raise _Unclear
                characters[at : at + escaped] = "_" * escaped
            at += escaped
        elif character in "\r\n" and len(quote) == 1:
            raise _Unclear
        elif formatted and character == "{" and text[at + 1] != "{":
            at = _field(characters, text, at + 1, (*around, own), len(own) == 1)
            continue
        else:
            if around and character in (own[0], *around):
                characters[at] = "_"
            at += 2 if formatted and character in "{}" else 1
        literal.append((begin, at))
    if len(own) > len(quote):
        # What stands there instead of a quote is no part of anything but the text.
        first, last = (start + 1, start + len(own)), (at + 1 - len(own), at)
        plain = [(b, e) for b, e in literal if text[e - 1] not in "\r\n"]
        if first[1] > last[0] or not all(_is_made_of(span, plain) for span in (first, last)):
            raise _Unclear
        characters[start : first[1]] = own
        characters[last[0] : at + 1] = own
    elif own != quote:
        characters[start : start + len(quote)] = own
        characters[at : at + len(quote)] = own
    return at + len(quote)


def _is_made_of(span: tuple[int, int], literal: list[tuple[int, int]]) -> bool:
    """Whether *span* is nothing but some of the *literal* characters and escapes, each as a whole."""
    begin, end = span
    return sum(e - b for b, e in literal if begin <= b and e <= end) == end - begin


def _allowed(quote: str, around: tuple[str, ...]) -> str:
    """*quote*, or the other one of its length, as none of *around*."""
    for own in (quote, _OTHER[quote[0]] * len(quote)):
        if own not in around and not (len(own) == 3 and own[0] in around):
            return own
    raise _Unclear


def _field(characters: list[str], text: str, at: int, around: tuple[str, ...], one_line: bool) -> int:
    """Where the replacement field ends that begins at *at*."""
    depth = 0
    while depth or text[at] not in "}:!" or text.startswith("!=", at):
        character = text[at]
        found = _STRING.match(text, at)
        if found is not None and found["comment"] is None:
            at = _string(characters, found, around)
            continue
        if one_line and character in "\r\n":
            raise _GoesOn
        if found is not None or character == "\\":
            raise _Unclear
        depth += (character in _OPENING) - (character in _CLOSING)
        at += 1
    while text[at] != "}":
        # The conversion and the format, which may have fields of its own.
        if one_line and text[at] in "\r\n":
            raise _GoesOn
        at = _field(characters, text, at + 1, around, one_line) if text[at] == "{" else at + 1
    return at + 1


# type parameters -------------------------------------------------------------------------------------------------------


def _without_type_parameters(text: str) -> str:
    try:
        tokens = [t for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type != tokenize.COMMENT]
    except (tokenize.TokenError, SyntaxError):
        return text
    starts = [0, *accumulate(map(len, io.StringIO(text).readlines()))]
    characters = list(text)

    def offset(place: tuple[int, int]) -> int:
        return starts[place[0] - 1] + place[1]

    for index in _statements(tokens):
        keyword, named, after = tokens[index : index + 3]
        if named.type != tokenize.NAME:
            continue
        if keyword.string == "type":
            if after.string not in ("=", "["):
                continue
            characters[offset(keyword.end)] = ";"
        if after.string == "[":
            end = _closing(tokens, index + 2)
            for at in range(offset(after.start), offset(tokens[end].end)):
                if characters[at] not in "\r\n":
                    characters[at] = " "
                elif characters[at - 1] == " ":
                    # The statement goes on in the next line.
                    characters[at - 1] = "\\"
                elif characters[at - 1] != "\r":
                    return text
    return "".join(characters)


def _statements(tokens: list[tokenize.TokenInfo]) -> Iterator[int]:
    """Where a statement begins that may have type parameters, or is a ``type`` statement."""
    ends = (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)
    for index, token in enumerate(tokens[:-3]):
        if token.type == tokenize.NAME and token.string in ("def", "class", "type"):
            before = tokens[index - 1] if index else None
            if before is None or before.type in ends or before.string in (":", ";", "async"):
                yield index


def _closing(tokens: list[tokenize.TokenInfo], index: int) -> int:
    depth = 0
    for at in range(index, len(tokens)):
        depth += (tokens[at].string in ("(", "[", "{")) - (tokens[at].string in (")", "]", "}"))
        if depth == 0:
            return at
    return len(tokens) - 1
