"""Rollbacks behind which objects are read that they have expired: what is still held is loaded again at once.

In place of ``db.rollback()`` stands ``await db.run_sync(rollback_and_reload)``, or ``rollback_and_reload(db)`` in what stays sync.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.site import Site

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


class Reloading:
    """Answers for one program, as far as its colours are decided."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours

    def is_needed(self, site: Site) -> bool:
        """Whether objects are read behind *site* that a rollback in it, or something else, may have expired.

        What a dependency expires, the rest of the request may read.
        """
        if site.kind not in ("io", "call"):
            return False
        expiring, function = self._colours.expiring, site.function
        if expiring.is_read_behind(site):
            return True
        if function not in self._colours.roots.dependencies or not expiring.is_left_behind(site):
            return False
        return not is_generator(function) or expiring.goes_on_to_yield(site)

    def can(self, site: Site) -> bool:
        """Whether all that *site* may have expired can be loaded again where that happens, and nobody can tell.

        An object that is expired sends an UPDATE for the value that it has already.
        """
        expiring, overwritten = self._colours.expiring, self._colours.converted.overwritten
        rollbacks = expiring.rollbacks(site)
        return (
            rollbacks is not None
            and all(map(self._is_replaceable, rollbacks))
            and not any(expiring.is_behind(site, name) for name in overwritten.watched(site.function))
        )

    def _is_replaceable(self, rollback: Site) -> bool:
        colours, function = self._colours, rollback.function
        return (
            isinstance(rollback.node, ast.Call)
            and isinstance(rollback.node.func, ast.Attribute)
            and rollback.deferred is None
            and function not in colours.keeping
            and (function in colours.coroutines or function in colours.needing)
            and colours.editable(function)
        )

    @cached_property
    def rollbacks(self) -> frozenset[ast.expr]:
        """Once all is decided: the rollbacks that load again what they expire."""
        colours = self._colours
        sites = [s for f in colours.plans for s in colours.graph.sites.get(f, ()) if s.kind in ("io", "call")]
        needed = [s for s in sites if self.is_needed(s) or (colours.expiring.may_be_read_behind(s) and self.can(s))]
        needed += [s for f in colours.enclosed.reloading for s in colours.enclosed.expiring(f)]
        return frozenset(r.node for site in needed for r in colours.expiring.rollbacks(site) or ())
