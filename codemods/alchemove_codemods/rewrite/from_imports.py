"""One ``from`` import: names that come and names that go, in the style in which it is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.source import Source


def change(source: Source, edits: Edits, node: ast.ImportFrom, names: list[str], gone: set[str]) -> None:
    """Add *names* to the import *node* and remove those that are *gone*, in its own style."""
    aliases = [a for a in node.names if (a.asname or a.name) not in gone]
    if not aliases and not names:
        start, end = source.start(node), source.end(node)
        line_end = re.compile(r"[ \t]*(\r\n|\n|\r)?").match(source.text, end)
        alone = (
            source.text[source.starts[node.lineno - 1] : start].strip() == ""
            and line_end is not None
            and line_end.group(1)
        )
        if alone and node in source.tree.body:
            edits.add(start, line_end.end() if line_end else end, lambda: "", "imports")
        else:
            edits.add(start, end, lambda: "pass", "imports")
        return
    first, last = node.names[0], node.names[-1]
    stacked = last.lineno != first.lineno and all(a.lineno != b.lineno for a, b in zip(node.names, node.names[1:]))
    ordered = _is_sorted([a.name for a in node.names])
    for alias in node.names:
        if (alias.asname or alias.name) in gone:
            remove(source, edits, node, alias, stacked=stacked)
    last_names: list[str] = []
    for name in names:
        bare = name.split(" ")[0]
        after = [a for a in aliases if ordered and ordered(a.name) > ordered(bare)]
        if after:
            indent = source.text[source.starts[after[0].lineno - 1] : source.start(after[0])]
            separator = f",{source.newline}{indent}" if stacked and not indent.strip() else ", "
            text = f"{name}{separator}"
            edits.add(source.start(after[0]), source.start(after[0]), lambda text=text: text, "imports")  # type: ignore[misc]
        else:
            last_names.append(name)
    if last_names and aliases:
        _append(source, edits, aliases[-1], last_names, stacked)
    elif last_names:
        edits.add(source.start(first), source.start(first), lambda: ", ".join(last_names), "imports")


def _append(source: Source, edits: Edits, last: ast.alias, names: list[str], stacked: bool) -> None:
    end = source.end(last)
    if not stacked:
        edits.add(end, end, lambda: "".join(f", {name}" for name in names), "imports")
        return
    indent = source.text[source.starts[last.lineno - 1] : source.start(last)]
    rest = re.compile(r"([ \t]*,)?([ \t]*(?:#[^\r\n]*)?)").match(source.text, end)
    assert rest is not None
    comma, comment = rest.group(1), rest.group(2)
    trailing = "," if comma else ""
    added = f",{source.newline}{indent}".join(names)
    edits.add(end, rest.end(), lambda: f",{comment.rstrip()}{source.newline}{indent}{added}{trailing}", "imports")


def remove(source: Source, edits: Edits, node: ast.ImportFrom, alias: ast.alias, *, stacked: bool) -> None:
    """Remove *alias* from the import *node*, which has each name on a line of its own if it is *stacked*."""
    start, end = source.start(alias), source.end(alias)
    following = re.compile(r"[ \t]*,[ \t]*").match(source.text, end)
    if stacked:
        line = re.compile(r"[ \t]*,?[ \t]*(#[^\r\n]*)?(\r\n|\n|\r)").match(source.text, end)
        if line is not None and alias is not node.names[-1]:
            edits.add(source.starts[alias.lineno - 1], line.end(), lambda: "", "imports")
            return
    if following is not None and alias is not node.names[-1]:
        edits.add(start, following.end(), lambda: "", "imports")
        return
    before = source.text.rfind(",", 0, start)
    if before > source.start(node):
        edits.add(before, end, lambda: "", "imports")
    else:
        edits.add(start, following.end() if following else end, lambda: "", "imports")


def _is_sorted(names: list[str]) -> Callable[[str], Any] | None:
    """The key by which *names* are sorted, None if they are not."""
    for key in (_isort, str.lower, str):
        if [key(n) for n in names] == sorted(key(n) for n in names):
            return key
    return None


def _isort(name: str) -> tuple[int, str]:
    """Isort's order: CONSTANTS, Classes, functions."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name
