"""Source text to syntax tree, also of what only a newer Python can parse: ``except A, B:`` (PEP 758), and what ``newer`` knows."""

from __future__ import annotations

import ast
import io
import tokenize
from itertools import accumulate

from alchemove_codemods.newer import readable as older
from alchemove_codemods.trees import walk


def parse(text: str, path: str = "<unknown>") -> ast.Module:
    """The tree of *text*, a module, the file of which is *path*.

    ``except A, B:`` is read as ``except (A, B):``, with the positions that Python 3.14 gives: the program may be meant for a newer Python
    than the one that runs alchemove. What Python 2 meant by ``except A, error:`` is no tree.

    Raises:
        SyntaxError: *text* is not valid.
        ValueError: *text* contains null bytes.
        RecursionError: *text* is nested too deeply.
    """
    try:
        return ast.parse(text, path)
    except SyntaxError as error:
        lines, readable = _without_commas(older(text))
        if readable == text:
            raise
        try:
            tree = ast.parse(readable, path)
        except SyntaxError:
            raise error from None
        if not all(_restored(n) for n in walk(tree) if isinstance(n, ast.ExceptHandler) and n.lineno in lines):
            raise
        return tree


def _without_commas(text: str) -> tuple[frozenset[int], str]:
    """The lines where ``except A, B:`` begins, and *text* with an operator in the place of each such comma: not a column moves."""
    found: set[int] = set()
    commas: list[tuple[int, int]] = []
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return frozenset(), text
    for index, token in enumerate(tokens):
        if token.type == tokenize.NAME and token.string == "except" and _begins_line(tokens, index):
            between = _commas(tokens, index + 1)
            if between:
                found.add(token.start[0])
                commas += between
    if not commas:
        return frozenset(), text
    lines = io.StringIO(text).readlines()
    starts = [0, *accumulate(map(len, lines))]
    characters = list("".join(lines))
    for line, column in commas:
        characters[starts[line - 1] + column] = "|"
    return frozenset(found), "".join(characters)


def _begins_line(tokens: list[tokenize.TokenInfo], index: int) -> bool:
    ends = (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT)
    return index == 0 or tokens[index - 1].type in ends


def _commas(tokens: list[tokenize.TokenInfo], index: int) -> list[tuple[int, int]]:
    """The commas between the exceptions of an ``except`` without parentheses around them, up to its colon."""
    found: list[tuple[int, int]] = []
    depth = 0
    for token in tokens[index:]:
        if token.string in {"(", "[", "{"}:
            depth += 1
        elif token.string in {")", "]", "}"}:
            depth -= 1
        elif depth == 0 and token.string == ",":
            found.append(token.start)
        elif depth == 0 and token.string == "as":
            return []
        elif token.type == tokenize.NEWLINE or (depth == 0 and token.string == ":"):
            return found
    return []


def _restored(handler: ast.ExceptHandler) -> bool:
    """Whether *handler* is for several exceptions; they are a tuple again."""
    found: list[ast.expr] = []
    node = handler.type
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        found.append(node.right)
        node = node.left
    if node is None or handler.type is None or not found:
        return False
    found = [node, *reversed(found)]
    handler.type = ast.copy_location(ast.Tuple(found, ast.Load()), handler.type)
    return all(_is_exception(each) for each in found)


def _is_exception(node: ast.expr) -> bool:
    """Whether *node* names a class, and not the variable of Python 2."""
    match node:
        case ast.Name(id=name):
            return name.lstrip("_")[:1].isupper()
        case ast.Attribute():
            return True
    return False
