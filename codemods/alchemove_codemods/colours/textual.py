"""Statements that are written as text, as far as their beginning tells what they do."""

from __future__ import annotations

import ast
import re

from alchemove_codemods.analysis.changing_functions import changes
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk

_WORD = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*([a-z]+)", re.IGNORECASE | re.DOTALL)
_WRITING = re.compile(r"\b(?:insert|update|delete|merge|into|call)\b", re.IGNORECASE)
_HARMLESS = frozenset(
    {
        "analyze", "begin", "commit", "explain", "lock", "listen", "notify", "pragma", "release", "reset", "savepoint", "select", "set", "show",
        "unlisten", "use", "vacuum",
    }
)  # fmt: skip
"""What statements begin with that change no row of a table: settings, locks, notes."""


def reads(function: FunctionFacts, text: ast.expr | None) -> bool:
    """Whether *text*, what ``text()`` is given in *function*, is a SELECT that calls nothing for what it does."""
    written, whole = _written(function, text)
    match _first_word(written):
        case "select":
            return not _has_another(written) and not changes(written)
        case "with":
            return whole and not _has_another(written) and _WRITING.search(written) is None
    return False


def changes_rows(function: FunctionFacts, text: ast.expr | None) -> bool:
    """Whether the rows of a table may be others after *text*."""
    written, _ = _written(function, text)
    word = _first_word(written)
    return not reads(function, text) and (word not in _HARMLESS or _has_another(written))


def _first_word(written: str) -> str:
    match = _WORD.match(written)
    return match[1].lower() if match is not None else ""


def _has_another(written: str) -> bool:
    """Whether a second statement follows the first."""
    return bool(written.partition(";")[2].strip())


def _written(function: FunctionFacts, node: ast.expr | None) -> tuple[str, bool]:
    """The known beginning of *node*, and whether that is all of it."""
    match node:
        case ast.Constant(value=str(text)):
            return text, True
        case ast.JoinedStr(values=pieces):
            known = [str(p.value) if isinstance(p, ast.Constant) else "?" for p in pieces]
            return "".join(known), False
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod()):
            return _written(function, left)[0], False
        case ast.Call(func=ast.Attribute(value=text, attr="format" | "strip" | "replace")):
            return _written(function, text)[0], False
        case ast.Name(id=name):
            given = [n.value for n in walk(function.node) if isinstance(n, ast.Assign) and _is_named(n.targets, name)]
            stored = [n for n in walk(function.node) if isinstance(n, ast.Name) and n.id == name and _is_stored(n)]
            if len(given) == len(stored) == 1 and not (isinstance(given[0], ast.Name) and given[0].id == name):
                return _written(function, given[0])
    return "", False


def _is_named(targets: list[ast.expr], name: str) -> bool:
    return len(targets) == 1 and isinstance(targets[0], ast.Name) and targets[0].id == name


def _is_stored(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)
