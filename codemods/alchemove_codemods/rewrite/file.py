"""One file while its edits are made: the texts that are there already, and how much room there is for others."""

from __future__ import annotations

import ast
import re
from dataclasses import field
from typing import TYPE_CHECKING

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.frozen import dataclass
from alchemove_codemods.rewrite.globals import Globals

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge
    from alchemove_codemods.rewrite.edits import Edits
    from alchemove_codemods.rewrite.imports import Imports

_FSTRING = re.compile(r"\b[rR]?[fF][rR]?\"")
_ANY_FSTRING = re.compile(r"\b[rR]?[fF][rR]?[\"']")


@dataclass(eq=False)
class File:
    """One file while its edits are made."""

    module: ModuleFacts
    knowledge: Knowledge
    edits: Edits
    imports: Imports
    core_autoflush: bool = False
    globals: Globals = field(init=False)
    _made: dict[ast.AST, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.globals = Globals(self.module, self.knowledge, self.imports)

    def fresh(self, name: str, place: ast.AST) -> str:
        """A name like *name* that nothing in the file has, the same one whenever it is asked for *place*."""
        if place not in self._made:
            source = self.module.source
            used = {*source.names, *source.parameters, *self.module.bindings, *self._made.values()}
            self._made[place] = next(n for n in (name, *(f"{name}_{i}" for i in range(2, 1000))) if n not in used)
        return self._made[place]

    @property
    def may_be_old(self) -> bool:
        """Whether the project allows SQLAlchemy 1.x, whose ``Select`` takes no arguments and is no name of the package itself."""
        allowed = self.knowledge.sqlalchemy
        return allowed is not None and allowed[0] < (2, 0)

    def select_class(self) -> str:
        """The class ``Select``, imported if it is not."""
        return self.imports.use("Select", "sqlalchemy.sql" if self.may_be_old else "sqlalchemy")

    def text(self, node: ast.AST) -> str:
        """The text of *node* with the edits inside it applied."""
        source = self.module.source
        return self.edits.segment(source.start(node), source.end(node))

    def quoted(self, node: ast.AST, text: str) -> str:
        """*text*, which takes the place of *node*: with other quotes where *node* stands in an f-string that ends at such a quote.

        Before Python 3.12 the quotes of an f-string cannot stand inside it.
        """
        source = self.module.source
        if (
            '"' not in text
            or '"' in source.text[source.start(node) : source.end(node)]
            or not _FSTRING.search(source.text)
        ):
            return text
        outer: ast.AST | None = node
        while outer is not None:
            if isinstance(outer, ast.JoinedStr) and '"' in source.text[source.start(outer) : source.start(node)]:
                return text.replace('"', "'")
            outer = self.parents.get(outer)
        return text

    def room(self, node: ast.expr) -> tuple[int | None, int]:
        """How long what takes the place of *node* may be on its line, and the width of a line.

        A line may be as long as it was. Inside an f-string nothing can be broken before Python 3.12, and what was on
        several lines has a layout of its own.
        """
        source, widest = self.module.source, self.knowledge.line_length
        if widest is None:
            return None, 0
        start, end = source.start(node), source.end(node)
        first, last = source.line_of(start), source.line_of(end)
        line = source.text[source.starts[first - 1] : source.starts[first] if first < len(source.starts) else None]
        width = max(widest, len(line.rstrip()))
        if first != last or ((_ANY_FSTRING.search(line) or source.has_long_fstrings) and self._in_string(node)):
            return None, width
        code = line.partition("  #")[0].rstrip() if "  #" in line[end - source.starts[first - 1] :] else line.rstrip()
        return width - (len(code) - (end - start)), width

    def _in_string(self, node: ast.AST) -> bool:
        outer: ast.AST | None = node
        while outer is not None and not isinstance(outer, ast.JoinedStr):
            outer = self.parents.get(outer)
        return outer is not None

    @property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The parent of every node of the file."""
        return self.module.source.parents
