"""Where coroutines end: the functions that could be either, on the side where the program crosses least often."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.colours.colour import Sync
from alchemove_codemods.colours.cut import Cut
from alchemove_codemods.colours.holders import Holder
from alchemove_codemods.facts import FunctionFacts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


def beyond(colours: Colours) -> Iterator[tuple[FunctionFacts, Sync]]:
    """Of the functions that could be either, those become sync that would cost more crossings than they save."""
    network = Cut()
    pinned: set[FunctionFacts] = set()
    for function in colours.coroutines:
        if colours.is_root(function) or isinstance(function.node, ast.AsyncFunctionDef):
            pinned.add(function)
        for site in colours.graph.sites.get(function, ()):
            for target in site.targets:
                if target in colours.coroutines:
                    network.cost(function, target)
                    network.implies(target, function)
                elif target in colours.needing:
                    network.cost(function, target)
        for other in colours.graph.overriding(function):
            network.implies(function, other)
    for group in _sharing(colours):
        for other in group[1:]:
            network.implies(group[0], other)
            network.implies(other, group[0])
    for wrapper in colours.uses.wrapping.wrappers.values():
        for function in wrapper.around if wrapper.function in colours.coroutines else ():
            network.implies(wrapper.function, function)
            network.implies(function, wrapper.function)
    kept = network.sources_side(colours.coroutines, pinned, set(colours.sync))
    for function in [f for f in colours.coroutines if f not in kept]:
        yield function, Sync("cheapest-boundary", "", _below(colours, function))


def _below(colours: Colours, function: FunctionFacts) -> FunctionFacts | None:
    """A sync function that *function* runs."""
    for site in colours.graph.sites.get(function, ()):
        for target in site.targets:
            if target in colours.sync and target in colours.needing:
                return target
    return None


def _sharing(colours: Colours) -> list[list[FunctionFacts]]:
    """The coroutines that use one holder, by holder."""
    users: dict[Holder, dict[FunctionFacts, None]] = {}
    for function in colours.coroutines:
        for site in colours.graph.sites.get(function, ()):
            if site.session is not None and site.kind == "io":
                for holder in colours.holders.of(function, site.session):
                    users.setdefault(holder, {})[function] = None
    return [list(found) for found in users.values() if len(found) > 1]
