"""A module as its top-level statements, each with its text, its comments, and the names it defines and uses."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.init.names import Reference, defined, references
from alchemove_codemods.source import Source

_COMMENTS = re.compile(r"(?:[ \t]*#[^\n]*\n)*\Z")
# Comments right below a statement, and apart from the next one, belong to it.
_BELOW = re.compile(r"(?:[ \t]*#[^\n]*\n)+(?=[ \t]*\r?\n)")


class Entangled(Exception):
    """The module cannot be cut: two statements share a line, or a place cannot be told; carries the line and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One statement at the top of a module.

    Offsets are in characters of the module's text: ``gap`` is where the blank lines before it begin, ``head`` where the
    comments right above it begin, ``end`` the begin of the line after it.
    """

    node: ast.stmt
    gap: int
    head: int
    end: int
    defines: frozenset[str]
    references: tuple[Reference, ...]

    @property
    def uses(self) -> frozenset[str]:
        """The names of the module that it refers to."""
        return frozenset(each.name for each in self.references)

    @property
    def is_import(self) -> bool:
        """Whether it is an import statement."""
        return isinstance(self.node, (ast.Import, ast.ImportFrom))

    @property
    def is_definition(self) -> bool:
        """Whether it only defines a function or a class, so that nothing happens when it is run."""
        return isinstance(self.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


def cut(module: ModuleFacts) -> tuple[Part, ...]:
    """The statements of *module* in their order.

    Raises:
        Entangled: two statements stand on one line, or a name stands inside an f-string.
    """
    source = module.source
    body = source.tree.body
    parts: list[Part] = []
    previous = 0
    for index, node in enumerate(body):
        if index and (below := _BELOW.match(source.text, previous)) is not None:
            previous = below.end()
            parts[-1] = replace(parts[-1], end=previous)
        first = _first_line(node)
        if index and first <= (body[index - 1].end_lineno or 0):
            raise Entangled(first, "two statements stand on one line")
        start, end = source.starts[first - 1], _line_end(source, node.end_lineno or first)
        between = source.text[previous:start]
        comments = _COMMENTS.search(between)
        head = previous + comments.start() if comments else start
        if not index:
            head = start  # what opens the file belongs to the file
        kept = source.text[previous:head].rstrip(" \t\r\n\f")
        gap = _line_end(source, source.line_of(previous + len(kept))) if kept else previous
        parts.append(Part(node, gap, head, end, defined(node), _references(node)))
        previous = end
    return tuple(parts)


def docstring(module: ModuleFacts) -> ast.stmt | None:
    """The statement that is the docstring of *module*."""
    body = module.source.tree.body
    return body[0] if body and ast.get_docstring(module.source.tree, clean=False) is not None else None


def text_of(source: Source, part: Part) -> str:
    """The text of *part* with the comments right above it."""
    return source.text[part.head : part.end]


def _references(node: ast.stmt) -> tuple[Reference, ...]:
    formatted = {id(name) for each in ast.walk(node) if isinstance(each, ast.JoinedStr) for name in ast.walk(each)}
    return tuple(
        Reference(each.name, each.node, each.stored) for each in references(node) if id(each.node) not in formatted
    ) + tuple(Formatted(each.name, each.node, each.stored) for each in references(node) if id(each.node) in formatted)


@dataclass(frozen=True, slots=True)
class Formatted(Reference):
    """A reference inside an f-string, whose place Python tells from 3.12 on only."""


def _first_line(node: ast.stmt) -> int:
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _line_end(source: Source, line: int) -> int:
    return source.starts[line] if line < len(source.starts) else len(source.text)
