"""One file: its text, its syntax tree, and the way from tree positions to text offsets.

Nothing of a file is normalised, so that every byte outside an edit stays what it was: the text keeps its line
endings, form feeds and tabs, and is encoded again with the codec (and byte order mark) that it came with.
"""

from __future__ import annotations

import ast
import codecs
import functools
import io
import re
import sys
import tokenize
import warnings
from bisect import bisect_right
from itertools import accumulate
from typing import TypeVar

from alchemove_codemods.syntax import parse
from alchemove_codemods.trees import LEAVES, children, walk

_PYTHON = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
_LINE_END = re.compile(r"\r\n|\r|\n")
_SKIP_COMMENT = re.compile(r"#\s*alchemove:\s*skip\b")
_LONG_FSTRING = re.compile(r"\b[rR]?[fF][rR]?(?:\"\"\"|''')")
_LONG_STARTS = tuple(f"{prefix}{quotes}" for prefix in ("f", "F", "fr", "fR", "Fr", "FR") for quotes in ('"""', "'''"))
_Node = TypeVar("_Node", bound=ast.AST)
PROTECTED = "\ue000"
"""Stands for a line feed inside a string literal, which must not be indented."""


class Unreadable(Exception):
    """The file cannot be decoded or parsed; carries the place, where there is one."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class Source:
    """The text and tree of one file.

    ``path`` is relative to the root of the program, with ``/``. Offsets are in characters of ``text``.
    """

    def __init__(self, path: str, raw: bytes) -> None:
        self.path = path
        self.raw = raw
        self._bom = raw.startswith(codecs.BOM_UTF8)
        self.encoding, self.text = _decode(raw)
        self.ascii = self.text.isascii()
        self.tree = _parse(self.text, path)

    @functools.cached_property
    def starts(self) -> list[int]:
        """The offset at which each line starts."""
        if "\r" in self.text:
            return [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        # Several times faster than the pattern.
        lengths = map(len, self.text.split("\n"))
        return [0, *accumulate(length + 1 for length in lengths)][:-1]

    @functools.cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the tree but contexts and operators, in no particular order."""
        return walk(self.tree)

    @functools.cached_property
    def _by_kind(self) -> dict[type[ast.AST], list[ast.AST]]:
        found: dict[type[ast.AST], list[ast.AST]] = {}
        for node in self.nodes:
            kind = node.__class__
            if kind in found:
                found[kind].append(node)
            else:
                found[kind] = [node]
        return found

    def of_kind(self, kind: type[_Node]) -> list[_Node]:
        """The nodes of the class *kind*; many ask for few kinds."""
        return self._by_kind.get(kind, [])  # type: ignore[return-value]

    @property
    def imports(self) -> list[ast.Import | ast.ImportFrom]:
        """All import statements, wherever they stand."""
        return [*self.of_kind(ast.Import), *self.of_kind(ast.ImportFrom)]

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """All names that are read or bound as variables anywhere in the tree, parameters not included."""
        return frozenset(node.id for node in self.of_kind(ast.Name))

    @functools.cached_property
    def parameters(self) -> frozenset[str]:
        """The names of all parameters of all functions in the tree."""
        return frozenset(node.arg for node in self.of_kind(ast.arg))

    @functools.cached_property
    def stored_names(self) -> frozenset[str]:
        """The names of all variables that are assigned anywhere in the tree."""
        return frozenset(node.id for node in self.of_kind(ast.Name) if isinstance(node.ctx, ast.Store))

    @functools.cached_property
    def stored_attributes(self) -> frozenset[str]:
        """The names of all attributes that are assigned anywhere in the tree."""
        return frozenset(node.attr for node in self.of_kind(ast.Attribute) if isinstance(node.ctx, ast.Store))

    @functools.cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The parent of every node but the tree itself."""
        return {child: node for node in self.nodes if node.__class__ not in LEAVES for child in children(node)}

    def statement_around(self, node: ast.AST) -> ast.stmt | None:
        """The statement that *node* is all of, or in."""
        at: ast.AST | None = node
        while at is not None and not isinstance(at, ast.stmt):
            at = self.parents.get(at)
        return at

    @functools.cached_property
    def has_long_fstrings(self) -> bool:
        """Whether there may be an f-string of several lines in the text."""
        return any(start in self.text for start in _LONG_STARTS) and _LONG_FSTRING.search(self.text) is not None

    @functools.cached_property
    def newline(self) -> str:
        """The line ending of the file, that of its first line."""
        match = _LINE_END.search(self.text)
        return match.group() if match else "\n"

    def offset(self, line: int, column: int) -> int:
        """The offset of ``ast`` position (*line* from 1, *column* in UTF-8 bytes)."""
        start = self.starts[line - 1]
        if self.ascii:
            return start + column
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        piece = self.text[start:end]
        return start + (column if piece.isascii() else len(piece.encode()[:column].decode()))

    def start(self, node: ast.AST) -> int:
        """Where *node* starts."""
        return self.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """Where *node* ends."""
        return self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def segment(self, node: ast.AST) -> str:
        """The text of *node*."""
        return self.text[self.start(node) : self.end(node)]

    def line_of(self, offset: int) -> int:
        """The number of the line (from 1) that holds *offset*."""
        return bisect_right(self.starts, offset)

    def place(self, node: ast.AST) -> tuple[int, int]:
        """Line and column of *node*, both from 1, in characters."""
        start = self.start(node)
        line: int = node.lineno  # type: ignore[attr-defined]
        return line, start - self.starts[line - 1] + 1

    def indent_at(self, offset: int) -> str:
        """The white space at the beginning of the line that holds *offset*."""
        start = self.starts[self.line_of(offset) - 1]
        match = re.compile(r"[ \t\f]*").match(self.text, start)
        return match.group().replace("\f", "") if match else ""

    @functools.cached_property
    def protected(self) -> str:
        """``text`` with every line feed inside a string literal replaced by :data:`PROTECTED`."""
        spans = [
            (self.start(node), self.end(node))
            for node in self.nodes
            if isinstance(node, (ast.Constant, ast.JoinedStr)) and node.end_lineno != node.lineno
        ]
        text = self.text
        for start, end in spans:
            text = text[:start] + text[start:end].replace("\n", PROTECTED) + text[end:]
        return text

    @functools.cached_property
    def skipped(self) -> frozenset[int]:
        """The lines that ``# alchemove: skip`` stands on; 0 stands for the whole file."""
        if not _SKIP_COMMENT.search(self.text):
            return frozenset()
        lines = set()
        only_comments = True
        for token in tokenize.generate_tokens(io.StringIO(self.text, newline="").readline):
            if token.type == tokenize.COMMENT and _SKIP_COMMENT.search(token.string):
                alone = not token.line[: token.start[1]].strip()
                lines.add(0 if only_comments and alone else token.start[0])
            elif token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.NEWLINE):
                only_comments = only_comments and token.type == tokenize.STRING
        return frozenset(lines)

    def encode(self, text: str) -> bytes:
        """*text* as the bytes of this file."""
        body = text.encode(self.encoding)
        return codecs.BOM_UTF8 + body if self._bom else body


def _decode(raw: bytes) -> tuple[str, str]:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise Unreadable(f"not Python source: {error}") from None
    if encoding == "utf-8-sig":
        encoding, raw = "utf-8", raw[len(codecs.BOM_UTF8) :]
    try:
        return encoding, raw.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise Unreadable(f"cannot be decoded as {encoding}: {error}") from None


def _parse(text: str, path: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parse(text, path)
    except SyntaxError as error:
        raise Unreadable(f"not valid {_PYTHON}: {error.msg}", error.lineno, error.offset) from None
    except (RecursionError, MemoryError):
        raise Unreadable("nested too deeply to be parsed") from None
    except ValueError as error:
        raise Unreadable(f"not valid {_PYTHON}: {error}") from None
