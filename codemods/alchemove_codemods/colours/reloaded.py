"""Relationships that are read after a commit inside ``run_sync``, and may have been loaded before it.

A sync session forgets them with the commit and loads them again. An AsyncSession keeps them, and ``run_sync`` loads nothing that is there.
Where a write lies between loading and reading, and no refresh could be put behind the commit, the old collection would be read.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.graph import Site
from alchemove_codemods.colours.lazy import EAGER
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.rereads import Rereads
from alchemove_codemods.colours.rollbacks import following
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_REASONS: Final = frozenset({"written-between", "held-before"})
_OPTIONS: Final = frozenset({"joinedload", "selectinload", "subqueryload", "immediateload", "contains_eager"})


class Reloaded:
    """Answers for one program."""

    def __init__(self, colours: Colours, rereads: Rereads) -> None:
        self._colours = colours
        self._rereads = rereads
        self._answers: dict[Site, bool] = {}

    def is_stale(self, site: Site) -> bool:
        """Whether what *site* reads may be what was there before a commit, where a sync session would load it again."""
        if site not in self._answers:
            self._answers[site] = self._is_stale(site)
        return self._answers[site]

    def _is_stale(self, site: Site) -> bool:
        lost = self._colours.loads.left.get(site)
        if lost is None or lost.reason not in _REASONS or not self._colours.behind.expires:
            return False
        # What is called after the commit reads after it, too.
        calls = [s for s in self._colours.graph.callers.get(site.function, ()) if s.function is lost.function]
        if not any(self._commits_before(s) for s in (site, *calls)):
            return False
        names = self._names(site)
        together = {site.function, lost.function}
        mentioned = any(self._mentions(f, names, site) for f in together)
        return mentioned or not names.isdisjoint(self._eager) or len(calls) > 1

    def _commits_before(self, site: Site) -> bool:
        """Whether the function of *site* may commit before it gets there."""
        parents = site.function.module.source.parents
        commits = [s for s in self._colours.graph.sites.get(site.function, ()) if self._rereads.commits(s)]
        return any(site.node in walk(later) for c in commits for later in following(parents, c.node))

    def _names(self, site: Site) -> frozenset[str]:
        """The relationships that *site* may read and that are not loaded for it."""
        if (names := self._colours.loads.lazily.get(site)) is not None:
            return frozenset(names)
        if site.kind == "lazy" and isinstance(site.node, ast.Attribute):
            return frozenset({site.node.attr})
        return self._related

    def _mentions(self, function: FunctionFacts, names: frozenset[str], site: Site) -> bool:
        """Whether *function* has to do with one of *names* at another place, too."""
        return any(isinstance(n, ast.Attribute) and n.attr in names and n is not site.node for n in own_nodes(function))

    @cached_property
    def _related(self) -> frozenset[str]:
        """The names of all relationships of the program."""
        return frozenset(name for name, _ in self._relationships) | self._colours.knowledge.models.backref_names()

    @cached_property
    def _eager(self) -> frozenset[str]:
        """Those that are loaded with their objects by the models, or by an option of some statement."""
        found = {name for name, lazy in self._relationships if lazy in EAGER}
        additions = self._colours.loads.additions.values()
        found |= {name for a in additions if a.loading.refresh is None for way in a.ways for name in way}
        for module in self._colours.knowledge.program.loaded():
            for node in module.source.of_kind(ast.Call):
                if last_name(node.func) in _OPTIONS:
                    found.update(n.attr for a in node.args for n in walk(a) if isinstance(n, ast.Attribute))
        return frozenset(found)

    @cached_property
    def _relationships(self) -> tuple[tuple[str, str], ...]:
        models = self._colours.knowledge.models
        return tuple(
            (name, attribute.lazy)
            for module in self._colours.knowledge.program.loaded()
            for cls in module.classes.values()
            if models.is_mapped(cls)
            for name, attribute in models.own(cls).items()
            if attribute.kind == "relationship"
        )
