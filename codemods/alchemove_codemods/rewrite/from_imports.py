"""One ``from`` import: names that come and names that go, in the style in which it is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.source import Source

_BREAK = re.compile(r"[ \t]*,([ \t]*(?:\\)?)[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r)")
"""What stands between two names on lines of their own: the lines go on inside parentheses, or with a backslash."""


def change(source: Source, edits: Edits, node: ast.ImportFrom, names: list[str], gone: set[str]) -> None:
    """Add *names* to the import *node* of *source* and remove those that are *gone*."""
    aliases = [a for a in node.names if (a.asname or a.name) not in gone]
    if not aliases and not names:
        _remove_statement(source, edits, node)
        return
    first, last = node.names[0], node.names[-1]
    stacked = last.lineno != first.lineno and all(a.lineno != b.lineno for a, b in zip(node.names, node.names[1:]))
    ordered = _is_sorted([a.name for a in node.names])
    last_names: list[str] = []
    for name in names:
        after = [a for a in aliases if ordered and ordered(a.name) > ordered(name.split(" ")[0])]
        if after:
            text = f"{name}{_separator(source, node, after[0]) if stacked else ', '}"
            edits.add(source.start(after[0]), source.start(after[0]), lambda text=text: text, "imports")  # type: ignore[misc]
        else:
            last_names.append(name)
    replaced = last if last_names and (last.asname or last.name) in gone else None
    trailing = [] if replaced or not aliases else node.names[node.names.index(aliases[-1]) + 1 :]
    if trailing:
        _remove_trailing(source, edits, aliases[-1], trailing)
    for alias in node.names:
        if (alias.asname or alias.name) in gone and alias is not replaced and alias not in trailing:
            remove(source, edits, node, alias, stacked=stacked)
    if replaced is not None:
        separator = _separator(source, node, last) if stacked else ", "
        edits.add(source.start(last), source.end(last), lambda: separator.join(last_names), "imports")
    elif last_names:
        _append(source, edits, node, last, last_names, stacked)


def remove(source: Source, edits: Edits, node: ast.ImportFrom, alias: ast.alias, *, stacked: bool) -> None:
    """Remove one *alias* of the import *node*, of which others stay; *stacked* names have a line each."""
    start, end = source.start(alias), source.end(alias)
    following = re.compile(r"[ \t]*,[ \t]*").match(source.text, end)
    if stacked and alias is not node.names[-1]:
        if source.text[source.starts[alias.lineno - 1] : start].strip():
            edits.add(start, source.start(node.names[node.names.index(alias) + 1]), lambda: "", "imports")
            return
        line = re.compile(r"[ \t]*,?[ \t]*(?:\\|#[^\r\n]*)?(\r\n|\n|\r)").match(source.text, end)
        if line is not None:
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


def _remove_trailing(source: Source, edits: Edits, kept: ast.alias, trailing: list[ast.alias]) -> None:
    """Remove the last names of an import, those behind *kept*."""
    own_lines = source.text[source.starts[trailing[0].lineno - 1] : source.start(trailing[0])].strip() == ""
    line = re.compile(r"[ \t]*,?[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r)[ \t]*\)").match(
        source.text, source.end(trailing[-1])
    )
    if own_lines and line is not None:
        after = source.starts[trailing[-1].end_lineno or trailing[-1].lineno]
        edits.add(source.starts[trailing[0].lineno - 1], after, lambda: "", "imports")
    else:
        edits.add(source.end(kept), source.end(trailing[-1]), lambda: "", "imports")


def _remove_statement(source: Source, edits: Edits, node: ast.ImportFrom) -> None:
    start, end = source.start(node), source.end(node)
    line_end = re.compile(r"[ \t]*(\r\n|\n|\r)?").match(source.text, end)
    alone = (
        source.text[source.starts[node.lineno - 1] : start].strip() == "" and line_end is not None and line_end.group(1)
    )
    if alone and node in source.tree.body:
        edits.add(start, line_end.end() if line_end else end, lambda: "", "imports")
    else:
        edits.add(start, end, lambda: "pass", "imports")


def _append(
    source: Source, edits: Edits, node: ast.ImportFrom, last: ast.alias, names: list[str], stacked: bool
) -> None:
    end = source.end(last)
    if not stacked:
        edits.add(end, end, lambda: "".join(f", {name}" for name in names), "imports")
        return
    separator = _separator(source, node, last)
    rest = re.compile(r"([ \t]*,)?([ \t]*(?:#[^\r\n]*)?)").match(source.text, end)
    assert rest is not None
    comma, comment = rest.group(1), rest.group(2)
    added = separator.join(names) + ("," if comma else "")
    edits.add(end, rest.end(), lambda: f",{comment.rstrip()}{separator[1:]}{added}", "imports")


def _separator(source: Source, node: ast.ImportFrom, beside: ast.alias) -> str:
    """What stands between two names of *node*, which have a line each, and one of which is *beside*."""
    indent = source.text[source.starts[beside.lineno - 1] : source.start(beside)]
    return f",{_continued(source, node)}{source.newline}{indent}" if not indent.strip() else ", "


def _continued(source: Source, node: ast.ImportFrom) -> str:
    """What stands behind the comma of a line of *node*: a backslash where nothing else makes the lines one."""
    found = _BREAK.match(source.text, source.end(node.names[0]))
    return found.group(1) if found is not None and found.group(1).endswith("\\") else ""


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
