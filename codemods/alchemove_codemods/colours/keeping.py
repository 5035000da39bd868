"""Coroutines of the program that keep a sync session: what uses it runs in ``alchemove.run_sync``.

An ``async def`` that works with a session of its callers, where that session has to stay a sync one (functions that stay
sync share it), blocks the event loop in the legacy application. As soon as one of its callers has an AsyncSession, the sync
session inside of that one is what it is given, and nothing but a greenlet may use it. ``run_sync`` makes one, for any session.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.colours.colour import Sync, named
from alchemove_codemods.colours.crossings import plan
from alchemove_codemods.colours.forced import is_test
from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.holders import Holder
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import FunctionFacts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


class Keeping:
    """The coroutines of one program that keep their sync session, each with why it is not an asynchronous one."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self.because: dict[FunctionFacts, Sync] = {}

    def __contains__(self, function: object) -> bool:
        return function in self.because

    def add(self, function: FunctionFacts, because: Sync) -> bool:
        """Whether *function*, which has no AsyncSession *because* of that, can keep the sync one; it does from now on."""
        if not self.can(function):
            return False
        self.because[function] = because
        return True

    def can(self, function: FunctionFacts) -> bool:
        """Whether *function* can keep a sync session, and run in ``run_sync`` what uses it."""
        return self._may(function) and plan(self._colours, function, keeping=True).obstacle is None

    def hindered(self) -> Iterator[tuple[FunctionFacts, Sync]]:
        """Those in which something cannot run in ``run_sync``, as things stand."""
        for function in list(self.because):
            if (obstacle := plan(self._colours, function, keeping=True).obstacle) is not None:
                reason, node = obstacle
                line, _ = function.module.source.place(node)
                yield function, Sync(reason, f"{named(function)} ({function.module.path}:{line})")

    def dropped(self) -> dict[FunctionFacts, Sync]:
        """Those that need not change after all: no AsyncSession gets to them. They are none any more."""
        colours = self._colours
        begun = [h for h in colours.asynchronous if h in colours.injected or h.where == "made"]
        given = colours.holders.reached(begun)
        needless = {f: why for f, why in self.because.items() if not begun or not self._uses(f, given)}
        for function in needless:
            del self.because[function]
        return needless

    def _uses(self, function: FunctionFacts, given: Collection[Holder]) -> bool:
        """Whether *function*, or what it calls, uses a session of one of the holders *given*, or loads something by one."""
        return any(
            site.kind == "lazy" or any(h in given for h in self._held(member, site))
            for member in self._colours.graph.reached([function])
            for site in self._colours.graph.sites.get(member, ())
        )

    def _held(self, function: FunctionFacts, site: Site) -> list[Holder]:
        return [] if site.session is None else self._colours.holders.of(function, site.session)

    def _may(self, function: FunctionFacts) -> bool:
        colours = self._colours
        wrapping = colours.uses.wrapping
        return (
            isinstance(function.node, ast.AsyncFunctionDef)
            and not is_generator(function)
            and function in colours.needing
            and not colours.is_root(function)
            and not is_test(function)
            and function not in wrapping.wrappers
            and not wrapping.around(function)
            and colours.editable(function)
        )
