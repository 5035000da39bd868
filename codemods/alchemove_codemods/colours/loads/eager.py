"""The lazy loads that become eager: decided for each place that reads, and collected at the statements that load.

An attribute is loaded with its object if all statements that the object may come from are known, an option can be
added to each, and nothing between loading and reading could make a difference. What is decided here is no lazy load
any more when the colours are decided.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.declared import Attribute, is_deferred
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.colours.lazy import expanded
from alchemove_codemods.colours.loads.between import Between
from alchemove_codemods.colours.loads.evidence import Evidence
from alchemove_codemods.colours.loads.flushed import Flushed
from alchemove_codemods.colours.loads.handing import Handing, hops
from alchemove_codemods.colours.loads.held import Held
from alchemove_codemods.colours.loads.loading import Loading, Lost, Stretch
from alchemove_codemods.colours.loads.made import Made
from alchemove_codemods.colours.loads.models_read import Required
from alchemove_codemods.colours.loads.options import (
    Existing,
    Need,
    Way,
    existing,
    given_to,
    joinable,
    needs,
    populates,
    primary_keys,
    understood,
)
from alchemove_codemods.colours.loads.origins import Origins
from alchemove_codemods.colours.loads.reads import Reads
from alchemove_codemods.colours.loads.refreshable import defers, is_loaded, is_possible
from alchemove_codemods.colours.loads.shared import Shared
from alchemove_codemods.colours.loads.shown import shown
from alchemove_codemods.colours.loads.together import Together
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.lazy_recording import Recorded
from alchemove_codemods.values import Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_KINDS = frozenset({"lazy", "property", "response"})
_NOTHING_TO_ADD = frozenset({"not-loadable", "shown-as-loaded", "statement-elsewhere", "statement-form"})


@dataclass(slots=True, eq=False)
class Addition:
    """What one statement (or ``session.get``) loads in addition: ``ways`` for the ``sites`` that read them.

    A refresh loads the object as a ``whole`` where only sync sessions run it, after a commit that expires it.
    """

    loading: Loading
    entity: ClassFacts
    has: dict[Way, Existing]
    ways: dict[Way, list[Site]] = field(default_factory=dict[Way, "list[Site]"])
    joining: bool = True
    whole: list[Site] = field(default_factory=list[Site])

    @property
    def sites(self) -> list[Site]:
        """The places that read something of it."""
        return list(dict.fromkeys(s for sites in self.ways.values() for s in sites))

    def attributes(self, models: Models) -> Iterator[tuple[Way, ClassFacts, Attribute]]:
        """Each attribute on the ways, with the way that leads to it and the class that it is an attribute of."""
        for way in dict.fromkeys(w[:depth] for w in self.ways for depth in range(1, len(w) + 1)):
            cls: ClassFacts | None = self.entity
            for name in way[:-1]:
                attribute = models.attribute(cls, name) if cls is not None else None
                cls = attribute.target if attribute is not None else None
            last = models.attribute(cls, way[-1]) if cls is not None else None
            if cls is not None and last is not None:
                yield way, cls, last


class Loads:
    """The decision for one program.

    ``additions`` are by the call that loads; ``left`` says of each place that goes on to load lazily why it does, ``lazily`` what it
    loads, where that is known.
    """

    def __init__(
        self, colours: Colours, functions: Collection[FunctionFacts], recorded: Iterable[Recorded] = ()
    ) -> None:
        self._colours = colours
        self.together = together = Together(colours)
        self.origins = origins = Origins(colours, together)
        self._between = Between(colours, origins)
        self._reads = Reads(colours, origins)
        self._shown = shown(colours)
        self._held = Held(colours, together)
        self._handing = Handing(colours)
        self._made = Made(colours)
        self._flushed = Flushed(colours)
        self.additions: dict[tuple[ast.expr, ast.expr | str], Addition] = {}
        self._decided: dict[Site, list[Required]] = {}
        self.left: dict[Site, Lost] = {}
        self.lazily: dict[Site, set[str]] = {}
        self._expired: Mapping[Site, Loading] = {}
        for function in [f for f in colours.graph.sites if f in functions and not f.is_property]:
            for site in list(colours.graph.sites[function]):
                if site.kind in _KINDS and not site.settled and self._concerns(site):
                    self._decide(site)
        self.recorded: set[Site] = set()
        self._believe(Evidence(colours, origins, recorded))
        shared = Shared(colours, together, self._between, self._reads, self._renewed)
        self._collect()
        rare = shared.rare((a, self._fresh(a)) for a in self.additions.values() if a.loading.made is None)
        self._withdraw({site: lost for site, lost in rare.items() if not self._hand(site)})
        while self._withdraw(
            {**shared.stale((a, self._fresh(a)) for a in self.additions.values()), **self._found_there()}
        ):
            continue
        # Not before everything is decided: what a property reads is asked again for each place that reads the property.
        for site in [s for s in self._decided if s not in self.left]:
            colours.graph.remove(site)
            if site.kind == "response":
                del colours.responses[site.node]

    def trees(self, functions: frozenset[FunctionFacts]) -> Iterator[tuple[Addition, Need]]:
        """What is added for places or statements in *functions*, statement by statement."""
        for addition in self.additions.values():
            if addition.loading.refresh is not None or addition.loading.made is not None:
                continue
            if self._matters(addition, functions):
                tree = self._tree(addition, addition.ways)
                if tree is not None and _adds(tree):
                    yield addition, tree

    def handing(self) -> list[Loading]:
        """The statements that options are handed to."""
        return [a.loading for a, _ in self.trees(frozenset(self._colours.touched)) if a.loading.handed]

    def _matters(self, addition: Addition, functions: frozenset[FunctionFacts]) -> bool:
        """Whether *addition* is for *functions*, or for what a recording showed: that may be code that stays sync."""
        # Who reads what a coroutine loaded need be none: an endpoint that is given the user by a dependency.
        concerned = (addition.loading.function, *(s.function for s in addition.sites))
        # What runs as a whole loads lazily what it reads itself, but not what FastAPI reads of its result.
        shown = any(s.kind == "response" and s.function in self._colours.enclosed for s in addition.sites)
        return shown or any(f in functions for f in concerned) or not self.recorded.isdisjoint(addition.sites)

    def refreshing(self, functions: frozenset[FunctionFacts]) -> Iterator[Addition]:
        """The objects that are refreshed in *functions*, or in what else was recorded, with what they are to have then.

        As a whole they are refreshed where sync sessions alone are: an AsyncSession keeps what they have.
        """
        for addition in self.additions.values():
            refreshed = addition.ways and self._matters(addition, functions)
            whole = addition.whole and addition.loading.function not in functions
            if addition.loading.refresh is not None and (refreshed or whole):
                yield addition

    def emptying(self, functions: frozenset[FunctionFacts]) -> Iterator[Addition]:
        """The objects that are made with empty collections, in the same places."""
        for addition in self.additions.values():
            if addition.loading.made is not None and self._matters(addition, functions):
                yield addition

    def _concerns(self, site: Site) -> bool:
        if site.kind != "property":
            return True
        if not isinstance(site.node, ast.Attribute) or all(self._reads.is_quiet(t) for t in site.targets):
            return False
        models = self._colours.knowledge.models
        return any(
            isinstance(v, Instance) and not isinstance(v.cls, str) and models.is_mapped(v.cls)
            for v in parts(self._colours.graph.value(site.function, site.node.value))
        )

    def _decide(self, site: Site) -> None:
        if self._begins_empty(site):
            return
        if self._made.is_whole(site):
            self._decided[site] = []
            return
        try:
            required = self._reads.required(site)
        except Lost as lost:
            self.left[site] = lost
            return
        if required and (losing := self._flushed.before(site)) is not None:
            self.left[site] = Lost("flushes-here", losing.function, losing.node)
            return
        self._settle(site, required)

    def _begins_empty(self, site: Site) -> bool:
        """Make the object with the empty collection that *site* replaces; gives whether that can be."""
        try:
            made = self._made.empty(site)
        except Lost:
            return False
        # A new object that is not in the database loads nothing.
        self._decided[site] = [] if made is None else [Required(made, ((site.name.rpartition(".")[2],),))]
        return True

    def _settle(self, site: Site, required: Iterable[Required]) -> None:
        """Load of what *site* reads all that can be; if that is not everything, the site stays."""
        found: list[Required] = []
        for each in required:
            for read in each.ways:
                way = expanded(self._colours.knowledge.models, each.loading.cls, read)
                try:
                    found.append(self._checked(each.loading, way))
                except Lost as lost:
                    refreshed = self._refreshed(each.loading, way)
                    if refreshed is None:
                        self.left.setdefault(site, self._graver(lost, each.loading, way))
                        self.lazily.setdefault(site, set()).add(way[-1])
                    else:
                        found.append(refreshed)
        if found or site not in self.left:
            self._decided[site] = found

    def _graver(self, lost: Lost, loading: Loading, way: Way) -> Lost:
        """*lost*, or that something is written in between: what was loaded before may then be another thing than what is loaded lazily."""
        if lost.reason not in _NOTHING_TO_ADD or loading.cls is None:
            return lost
        attributes = [a for _, a in self._attributes(loading.cls, [way])]
        related = [a for a in attributes if a.kind == "relationship"]
        write = self._between.harm(loading.stretches, related) if related else None
        return lost if write is None else Lost("written-between", write.function, write.node)

    def _believe(self, evidence: Evidence) -> None:
        """Decide for what was recorded, as far as nothing speaks against it."""
        self.recorded.update(evidence.lost, evidence.required, evidence.expired)
        self.left.update((site, lost) for site, lost in evidence.lost.items() if not self._begins_empty(site))
        for site, required in evidence.required.items():
            self._settle(site, required)
        self._decided.update((site, [Required(place, ())]) for site, place in evidence.expired.items())
        self._expired = evidence.expired

    def _found_there(self) -> dict[Site, Lost]:
        """The places that rely on the options of a ``session.get()`` whose object the options of other statements may have loaded before."""
        models = self._colours.knowledge.models
        loaded = [
            (a.loading, {t.target for _, _, t in a.attributes(models) if t.target is not None})
            for a in self.additions.values()
        ]
        return {
            site: Lost("held-before", addition.loading.function, addition.loading.node)
            for addition in self.additions.values()
            if addition.loading.refresh is None and addition.loading.made is None
            if self._is_hidden(addition.loading) and self._held.with_options(addition.loading, addition.entity, loaded)
            for site in addition.sites
        }

    def _is_hidden(self, loading: Loading) -> bool:
        """Whether *loading* loads nothing if the object is there: a refresh loads what the statement loaded that was the first to see it."""
        return loading.statement is None or self._between.refreshes(loading.stretches)

    def _renewed(self, site: Site) -> frozenset[str]:
        """What *site* reads of an object that is refreshed before."""
        decided = self._decided.get(site, ())
        return frozenset(way[0] for each in decided if each.loading.refresh is not None for way in each.ways)

    def _hand(self, site: Site) -> bool:
        """Let the function of *site* hand the options to its statement; gives whether it can."""
        handed = self._handing.handed(self._decided[site])
        if handed is not None:
            self._decided[site] = handed
        return handed is not None

    def _withdraw(self, sites: Mapping[Site, Lost]) -> bool:
        """Let *sites* load lazily after all; gives whether there are any."""
        for site, lost in sites.items():
            self.left.setdefault(site, lost)
            del self._decided[site]
        self._collect()
        return bool(sites)

    def _collect(self) -> None:
        """Put what the decided places require to the statements."""
        self.additions.clear()
        for site, required in self._decided.items():
            for each in required:
                self._add(each, site)

    def _fresh(self, addition: Addition) -> list[Way]:
        """The ways of *addition* that the statement does not load by itself."""
        if addition.loading.refresh is not None or addition.loading.made is not None:
            return list(addition.ways)
        return [w for w in addition.ways if (tree := self._tree(addition, [w])) is not None and _adds(tree)]

    def _add(self, required: Required, site: Site) -> None:
        loading = required.loading
        # An object is refreshed once, whoever names it.
        key: tuple[ast.expr, ast.expr | str] = (loading.node, loading.entity)
        if loading.refresh is not None:
            key = (loading.node, loading.refresh.name)
        elif loading.handed:
            key = (hops(loading)[0].node, loading.entity)
        addition = self.additions.get(key)
        if addition is None:
            addition = self.additions[key] = self._addition(loading)
        if site in self._expired:
            addition.whole.append(site)
        for way in required.ways:
            addition.ways.setdefault(way, []).append(site)
        addition.joining = addition.joining and self._joins(loading, addition.entity)

    def _addition(self, loading: Loading) -> Addition:
        entity = loading.cls
        if (loading.refresh is not None or loading.made is not None) and entity is not None:
            return Addition(loading, entity, {})
        if loading.statement is None:
            keywords = loading.node.keywords if isinstance(loading.node, ast.Call) else []
            given = next((k.value for k in keywords if k.arg == "options"), None)
            has = given_to(given, loading.function)
        else:
            has = existing(self._colours, loading.statement.steps)
        plain = isinstance(loading.entity, (ast.Name, ast.Attribute))
        if entity is None or has is None or not plain:
            raise Lost("statement-form", loading.function, loading.node)
        if loading.statement is not None and not understood(loading.statement.steps):
            raise Lost("statement-form", loading.function, loading.node)
        return Addition(loading, entity, has)

    def _checked(self, loading: Loading, way: Way) -> Required:
        """What *loading* has to load so that reading *way* loads nothing.

        Raises:
            Lost: that cannot be loaded, or would not be the same.
        """
        if loading.refresh is not None:
            raise Lost("new-object", loading.function, loading.node)
        addition = self._addition(loading)
        module = loading.function.module
        attributes = list(self._attributes(addition.entity, [way]))
        column = attributes[-1][1] if attributes and attributes[-1][1].kind == "column" else None
        if column is not None:
            made = self._colours.graph.expires(column)
            if made and self._between.computed(loading.stretches, column, fresh=False) is not None:
                raise Lost("server-value", loading.function, loading.node)
            if not is_deferred(column.node) and not defers(loading):
                # It is loaded with its object.
                return Required(loading, ()) if len(way) == 1 else self._checked(loading, way[:-1])
            if (write := self._between.assigned(loading.stretches, way[-1])) is not None:
                raise Lost("written-between", write.function, write.node)
        if not self._colours.editable(loading.function):
            raise Lost("statement-elsewhere", loading.function, loading.node)
        if self._tree(addition, [way]) is None:
            raise Lost("not-loadable", loading.function, loading.node)
        for owner, _ in attributes:
            if owner in self._shown:
                raise Lost("shown-as-loaded", loading.function, loading.node)
            if owner is not addition.entity and not self._colours.can_name(owner, module):
                raise Lost("not-loadable", loading.function, loading.node)
        if loading.statement is not None and populates(loading.statement.steps):
            # What is loaded beside would be populated as well, and what was changed of it would be lost.
            targets = [a.target for _, a in attributes if a.target is not None]
            if len(targets) < len(attributes) or self._between.changed(loading.stretches, targets):
                raise Lost("statement-form", loading.function, loading.node)
        if self._is_hidden(loading) and self._held.before(loading, addition.entity):
            raise Lost("held-before", loading.function, loading.node)
        related = [a for _, a in attributes if a is not column]
        if related and (write := self._between.harm(loading.stretches, related)) is not None:
            raise Lost("written-between", write.function, write.node)
        return Required(loading, (way,))

    def _refreshed(self, loading: Loading, way: Way) -> Required | None:
        """What to load by refreshing the object that *loading* loads, so that reading *way* loads nothing; None if that is not known."""
        below = way[len(loading.way) :]
        for place in (*((loading,) if loading.refresh is not None else ()), *loading.again):
            if len(below) == 1 and place.cls is not None and self._colours.editable(place.function):
                attribute = self._colours.knowledge.models.attribute(place.cls, below[0])
                if attribute is not None and self._is_refreshable(place, attribute, below[0]):
                    there = is_loaded(place, attribute, below[0])
                    return Required(place, () if there else (below,))
        return None

    def _is_refreshable(self, place: Loading, attribute: Attribute, name: str) -> bool:
        """Whether a refresh at *place* gives *attribute* the value that it would have when it is loaded lazily."""
        if place.cls in self._shown or not is_possible(place, attribute, name):
            return False
        if attribute.kind == "column":
            return self._between.computed(place.stretches, attribute, fresh=True) is None
        made = place.refresh.made if place.refresh is not None else None
        if place.refresh is not None and place.refresh.kind == "flush" and made is not None:
            before = Stretch(place.function, made, place.refresh.call)
            if self._between.harm([before], [attribute]) is not None:
                return False
        return self._between.harm(place.stretches, [attribute]) is None

    def _tree(self, addition: Addition, ways: Iterable[Way]) -> Need | None:
        joining = addition.joining and self._joins(addition.loading, addition.entity)
        models = self._colours.knowledge.models
        return needs(models, addition.entity, sorted(ways), addition.has, joining=joining)

    def _joins(self, loading: Loading, entity: ClassFacts) -> bool:
        if loading.statement is None:
            return True
        keys = primary_keys(self._colours.knowledge.models, entity)
        return joinable(loading.statement, loading.entity, single=loading.single, keys=keys)

    def _attributes(self, entity: ClassFacts, ways: Iterable[Way]) -> Iterator[tuple[ClassFacts, Attribute]]:
        """The attributes on *ways*, each with the class that it is an attribute of."""
        for way in ways:
            cls: ClassFacts | None = entity
            for name in way:
                attribute = self._colours.knowledge.models.attribute(cls, name) if cls is not None else None
                if cls is not None and attribute is not None:
                    yield cls, attribute
                cls = attribute.target if attribute is not None else None


def _adds(tree: Need) -> bool:
    return any(not need.loaded or _adds(need) for need in tree.below.values())
