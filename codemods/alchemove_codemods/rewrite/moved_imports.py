"""Imports of names that have moved: the new module takes the place of the shim, in the statement or behind it."""

from __future__ import annotations

import ast
from functools import partial

from alchemove_codemods.analysis.transactions.moved import Moved
from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.source import Source


def move(
    source: Source, edits: Edits, moved: Moved, packages: dict[str, str], gone: set[str], needed: dict[str, list[str]]
) -> bool:
    """Add the edits for one statement to *edits*; whether it could be done.

    Args:
        source: The file.
        edits: Its edits.
        moved: The statement and what has moved.
        packages: How each new module, by its path, is written here.
        gone: The names that the file needs no longer, and that the statement loses with this.
        needed: By package, what else the file needs from there; what is brought here is taken out.
    """
    node = moved.node
    start, end = source.start(node), source.end(node)
    text = source.segment(node)
    left = [a for a in node.names if a not in moved.names and (a.asname or a.name) not in gone]
    by_package: dict[str, list[str]] = {}
    for alias, home in zip(moved.names, moved.homes):
        by_package.setdefault(packages[home], []).append(_written(alias))
    if len(by_package) == 1 and len(moved.names) == len(node.names):
        (package,) = by_package
        if not needed.get(package):
            at = start + text.index("from") + len("from")
            edits.add(
                at, start + text.index("import", _after_module(node, text)), partial(str, f" {package} "), "moved"
            )
            return True
    if "#" in text or "\\" in text or ";" in source.text[end : source.text.find("\n", end)]:
        return False
    for package in by_package:
        by_package[package] += needed.pop(package, [])
    indent = source.indent_at(start)
    lines = [f"from {package} import {', '.join(sorted(names, key=_order))}" for package, names in by_package.items()]
    if left:
        lines.insert(0, f"from {'.' * node.level}{node.module or ''} import {', '.join(_written(a) for a in left)}")
    edits.add(start, end, partial(str, f"{source.newline}{indent}".join(lines)), "moved")
    return True


def _written(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _order(name: str) -> tuple[bool, str]:
    return name[:1].islower(), name


def _after_module(node: ast.ImportFrom, text: str) -> int:
    """Where the name of the module ends in *text*: it may hold the word ``import`` itself."""
    return text.index(node.module, len("from")) + len(node.module) if node.module else len("from") + node.level
