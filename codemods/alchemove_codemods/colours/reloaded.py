"""Relationships that are read after a commit inside ``run_sync``, and may have been loaded before it.

A sync session forgets them with the commit and loads them again. An AsyncSession keeps them, and ``run_sync`` loads nothing that is there.
Where a write lies between loading and reading, and no refresh could be put behind the commit, the old collection would be read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.lazy import EAGER
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.rereads import Rereads, refreshes
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_REASONS: Final = frozenset({"written-between", "held-before", "flushes-here", "read-after-write"})
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
        commits = {s: self._commits_before(s) for s in (site, *calls)}
        commits[site] = [c for c in commits[site] if not self._is_refreshed(site, c)]
        if not any(commits.values()):
            return False
        if any(_goes_round(s.node, c) for s, found in commits.items() for c in found):
            return True
        names = self._names(site)
        running = self._running({site.function, lost.function})
        # What only runs behind the commits of its caller has read nothing before, if it runs once.
        behind = site.function is not lost.function and not commits[site]
        runs = [s for s in self._colours.graph.callers.get(site.function, ()) if s.function in running]
        if behind and len(runs) > 1:
            return True
        looked_at = {lost.function} if behind else {lost.function, site.function}
        earlier = any(self._mentions(f, names, site, commits) for f in looked_at)
        return earlier or not names.isdisjoint(self._eager(running)) or len(calls) > 1

    def _running(self, functions: set[FunctionFacts]) -> frozenset[FunctionFacts]:
        """What may run where all *functions* do."""
        runs = [run for each in functions for run in self._colours.loads.together.running(each)]
        return frozenset(f for run in runs if functions <= run for f in run)

    def _commits_before(self, site: Site) -> list[Site]:
        """The commits of the function of *site* that may come before it."""
        committing = self._rereads.committing
        commits = filter(committing.commits, self._colours.graph.sites.get(site.function, ()))
        followed = [c for c in commits if any(site.node in walk(later) for later in committing.following(c))]
        return [c for c in followed if _is_behind(site.node, c)]

    def _is_refreshed(self, site: Site, commit: Site) -> bool:
        """Whether the object whose relationship *site* reads is refreshed as a whole in between."""
        match site.node:
            case ast.Attribute(value=ast.Name(id=name)):
                start = site.function.module.source.start
                return any(
                    refreshes(later, name) and start(commit.node) < start(later) < start(site.node)
                    for later in self._rereads.committing.following(commit)
                )
        return False

    def _names(self, site: Site) -> frozenset[str]:
        """The relationships that *site* may read and that are not loaded for it."""
        if (names := self._colours.loads.lazily.get(site)) is not None:
            return frozenset(names)
        if site.kind == "lazy" and isinstance(site.node, ast.Attribute):
            return frozenset({site.node.attr})
        return self._related

    def _mentions(
        self, function: FunctionFacts, names: frozenset[str], site: Site, commits: dict[Site, list[Site]]
    ) -> bool:
        """Whether *function* has to do with one of *names* at another place, too, that may come before one of *commits*."""
        before = [c for s, found in commits.items() if s.function is function for c in found]
        mentions = (n for n in own_nodes(function) if isinstance(n, ast.Attribute) and n.attr in names)
        return any(n is not site.node and (not before or any(_may_precede(n, c) for c in before)) for n in mentions)

    @cached_property
    def _related(self) -> frozenset[str]:
        """The names of all relationships of the program."""
        return frozenset(name for name, _ in self._relationships) | self._colours.knowledge.models.backref_names()

    def _eager(self, running: frozenset[FunctionFacts]) -> frozenset[str]:
        """The relationships that are loaded with their objects: by the models, or by an option in one of *running*."""
        found = set(self._by_models)
        for function in running:
            found |= self._by_options.get(function, frozenset())
        additions = self._colours.loads.additions.values()
        asking = [a for a in additions if a.loading.refresh is None and a.loading.asking in running]
        return frozenset(found | {name for a in asking for way in a.ways for name in way})

    @cached_property
    def _by_models(self) -> frozenset[str]:
        """Relationships that models load eagerly, or that an option outside of all functions names."""
        found = {name for name, lazy in self._relationships if lazy in EAGER}
        for module in self._colours.knowledge.program.loaded():
            found |= _named(own_nodes(module.body))
        return frozenset(found)

    @cached_property
    def _by_options(self) -> dict[FunctionFacts, frozenset[str]]:
        """The relationships that options in each function name."""
        found = {f: _named(own_nodes(f)) for f in self._colours.graph.sites}
        return {f: names for f, names in found.items() if names}

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


def _named(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The relationships that the eager options among *nodes* name."""
    options = [n for n in nodes if isinstance(n, ast.Call) and last_name(n.func) in _OPTIONS]
    return frozenset(n.attr for o in options for a in o.args for n in walk(a) if isinstance(n, ast.Attribute))


def _may_precede(node: ast.Attribute, commit: Site) -> bool:
    """Whether *node* may be read before *commit*: it stands before it, or both in a loop that goes on with the same object."""
    source = commit.function.module.source
    return source.start(node) < source.start(commit.node) or _goes_round(node, commit)


def _is_behind(node: ast.AST, commit: Site) -> bool:
    """The other way round: *node* may be read after *commit*."""
    source = commit.function.module.source
    return source.start(node) > source.start(commit.node) or _goes_round(node, commit)


def _goes_round(node: ast.AST, commit: Site) -> bool:
    """Whether *node* and *commit* are in a loop, and *node* reads something that is the same in each of its rounds."""
    source = commit.function.module.source
    named = {n.id for n in walk(node) if isinstance(n, ast.Name)}
    at: ast.AST | None = commit.node
    while at is not None and not isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        if isinstance(at, (ast.For, ast.AsyncFor, ast.While)) and source.start(at) <= source.start(node) < source.end(
            at
        ):
            targets = (
                {n.id for n in walk(at.target) if isinstance(n, ast.Name)} if not isinstance(at, ast.While) else ()
            )
            if named.isdisjoint(targets):
                return True
        at = source.parents.get(at)
    return False
