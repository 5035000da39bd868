"""What is said of the statements that load more, and of the reads that go on to load lazily."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.colours.loads.eager import Addition
from alchemove_codemods.colours.loads.handing import hops
from alchemove_codemods.colours.loads.loading import Lost
from alchemove_codemods.colours.loads.options import Need
from alchemove_codemods.colours.site import Site
from alchemove_codemods.findings import Finding
from alchemove_codemods.registry import reasons

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


def findings(colours: Colours) -> Iterator[Finding]:
    """One finding for each statement that is changed, and one for each line that reads lazily for one reason."""
    functions = colours.touched
    for addition, tree in colours.loads.trees(functions):
        module = addition.loading.asking.module
        asked = hops(addition.loading)[0].node if addition.loading.handed else addition.loading.node
        line, column = module.source.place(asked)
        message = f"the statement loads {', '.join(_named(tree))} as well, for {_loads(addition)}"
        yield Finding(module.path, line, column, "eager-load", "rewritten", None, message)
    for addition in colours.loads.refreshing(functions):
        module = addition.loading.function.module
        line, column = module.source.place(addition.loading.node)
        names = ", ".join(f"{addition.entity.name}.{way[0]}" for way in sorted(addition.ways))
        message = f"the object is refreshed{' with ' if names else ''}{names}, for {_loads(addition)}"
        yield Finding(module.path, line, column, "eager-load", "rewritten", None, message)
    for addition in colours.loads.emptying(functions):
        module = addition.loading.function.module
        line, column = module.source.place(addition.loading.node)
        names = ", ".join(f"{addition.entity.name}.{way[0]}" for way in sorted(addition.ways))
        message = f"the object is made with {names} empty, for {_loads(addition)}"
        yield Finding(module.path, line, column, "eager-load", "rewritten", None, message)
    texts = reasons()
    found: dict[tuple[str, int, str], tuple[Site, Lost, dict[str, None]]] = {}
    for site, lost in colours.loads.left.items():
        module = site.function.module
        line, _ = module.source.place(site.node)
        # What belongs to another version may belong to no function.
        if site.function in functions or lost.reason == "other-version":
            read = site.name if site in colours.loads.recorded else ast.unparse(site.node)
            found.setdefault((module.path, line, lost.reason), (site, lost, {}))[2][read] = None
    for (path, line, reason), (site, lost, reads) in found.items():
        declared, text = texts[reason]
        _, column = site.function.module.source.place(site.node)
        where, _ = lost.function.module.source.place(lost.node)
        label = f"{', '.join(reads)}, see {lost.function.module.path}:{where}"
        yield Finding(path, line, column, declared.name, "refused", reason, f"{text} [{label}]")


def _loads(addition: Addition) -> str:
    count = len({*addition.sites, *addition.whole})
    return f"{count} lazy {'load' if count == 1 else 'loads'}"


def _named(tree: Need, before: str = "") -> Iterator[str]:
    for name, need in tree.below.items():
        path = f"{before}.{name}" if before else f"{need.cls.name if need.cls is not None else ''}.{name}"
        if not need.loaded:
            yield path
        yield from _named(need, path)
