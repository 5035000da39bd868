"""What is said of the statements that load more, and of the reads that go on to load lazily."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.colours.loads.options import Need
from alchemove_codemods.findings import Finding
from alchemove_codemods.registry import reasons

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


def findings(colours: Colours) -> Iterator[Finding]:
    """One finding for each statement that is changed, and one for each line that reads lazily for one reason."""
    functions = colours.touched
    for addition, tree in colours.loads.trees(functions):
        module = addition.loading.function.module
        line, column = module.source.place(addition.loading.node)
        message = f"the statement loads {', '.join(_named(tree))} as well, for {len(addition.sites)} lazy loads"
        yield Finding(module.path, line, column, "eager-load", "rewritten", None, message)
    texts = reasons()
    seen: set[tuple[str, int, str]] = set()
    for site, lost in colours.loads.left.items():
        module = site.function.module
        line, column = module.source.place(site.node)
        key = (module.path, line, lost.reason)
        if site.function not in functions or key in seen:
            continue
        seen.add(key)
        declared, text = texts[lost.reason]
        where, _ = lost.function.module.source.place(lost.node)
        label = f"{ast.unparse(site.node)}, see {lost.function.module.path}:{where}"
        yield Finding(module.path, line, column, declared.name, "refused", lost.reason, f"{text} [{label}]")


def _named(tree: Need, before: str = "") -> Iterator[str]:
    for name, need in tree.below.items():
        path = f"{before}.{name}" if before else f"{need.cls.name if need.cls is not None else ''}.{name}"
        if not need.loaded:
            yield path
        yield from _named(need, path)
