"""Statements that several requests run: what one of them would gain from an eager load, another must not pay or suffer.

What a statement loads in addition is loaded for everybody. Where most of the requests that run it do not read it, each
lazy load stays where it is. And what is loaded with an object stays with it, for the objects of an AsyncSession do not
expire at a commit: a request that writes, and reads the same relationship on a way that is not known to be harmless, would
see what was there before.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.colours.loads.between import Between
from alchemove_codemods.colours.loads.forms import Form
from alchemove_codemods.colours.loads.loading import Loading, Lost
from alchemove_codemods.colours.loads.options import Way
from alchemove_codemods.colours.loads.reads import Reads
from alchemove_codemods.colours.loads.scopes import loop_around
from alchemove_codemods.colours.loads.together import Together
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.values import Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours
    from alchemove_codemods.colours.loads.eager import Addition

_READING = frozenset({"lazy", "property", "response", "implicit"})


class Shared:
    """Answers for one program."""

    def __init__(
        self,
        colours: Colours,
        together: Together,
        between: Between,
        reads: Reads,
        renewed: Callable[[Site], frozenset[str]],
    ) -> None:
        self._colours = colours
        self._together = together
        self._between = between
        self._reads = reads
        self._renewed = renewed

    def rare(self, additions: Iterable[tuple[Addition, Collection[Way]]]) -> dict[Site, Lost]:
        """The places that read what most runs of its statement do not read.

        *additions* come with the ways that their statement does not load by itself.
        """
        found: dict[Site, Lost] = {}
        for addition, fresh in additions:
            loading = addition.loading
            for way in fresh if not loading.handed else ():
                sites = _reading(addition, way)
                runs = self._together.running(loading.function)
                functions = {s.function for s in sites}
                if 2 * sum(not functions.isdisjoint(run) for run in runs) < len(runs):
                    found.update(dict.fromkeys(sites, Lost("rarely-read", loading.function, loading.node)))
        return found

    def stale(self, additions: Iterable[tuple[Addition, Collection[Way]]]) -> dict[Site, Lost]:
        """The places whose eager load another place could see after a write; *additions* as for :meth:`rare`."""
        found: dict[Site, Lost] = {}
        for addition, fresh in additions:
            for way in fresh:
                if (other := self._after_write(addition, way)) is not None:
                    lost = Lost("read-after-write", other.function, other.node)
                    found.update(dict.fromkeys(_reading(addition, way), lost))
        return found

    def _after_write(self, addition: Addition, way: Way) -> Site | None:
        """Another place that reads what is loaded, and may be run after a write that changes it."""
        models = self._colours.knowledge.models
        leading = {w[-1]: a for w, _, a in addition.attributes(models) if way[: len(w)] == w}
        own = set(addition.sites)
        # What a recording showed to replace a collection is also a place that the program shows.
        same = {s.node for s in own} if addition.loading.made is not None else set[ast.expr]()
        for run in self._together.running(addition.loading.asking):
            others = (
                s for s in self._sites(run)
                if s not in own
                and s.node not in same
                and not _is_before(s, addition.loading)
                and not leading.keys() <= self._renewed(s)
                and self._may_read(s, leading)
            )  # fmt: skip
            other = next(others, None)
            if other is not None and any(self._between.inside(f, leading.values()) is not None for f in run):
                return other
        return None

    def _sites(self, run: Iterable[FunctionFacts]) -> Iterator[Site]:
        for function in sorted(run, key=lambda f: f.place):
            # What a property reads is asked for at the places that read the property.
            if not function.is_property:
                yield from (s for s in self._colours.graph.sites.get(function, ()) if s.kind in _READING)

    def _may_read(self, site: Site, attributes: Mapping[str, Attribute]) -> bool:
        """Whether *site* may read one of *attributes*, by name, of some object."""
        match site.kind, site.node:
            case "lazy", ast.Attribute(attr=read) if read in self._colours.graph.proxies:
                return True
            case "lazy", ast.Attribute(value=base, attr=read):
                models = self._colours.knowledge.models
                known = [
                    v.cls for v in parts(self._colours.graph.value(site.function, base)) if isinstance(v, Instance)
                ]
                mapped = [models.attribute(c, read) for c in known if isinstance(c, ClassFacts)]
                wanted = attributes.get(read)
                return wanted is not None and (not mapped or any(m is None or m.node is wanted.node for m in mapped))
            case (("property" | "implicit"), _):
                ways = [self._reads.of_method(t) for t in site.targets if not self._reads.is_quiet(t)]
                return any(w is None or any(not attributes.keys().isdisjoint(way) for way in w) for w in ways)
            case "response", _:
                response = self._colours.responses[site.node]
                form = Form(site.function.module, response.node)
                return self._reads.models.names(form, frozenset(attributes))
            case "lazy", ast.Call(func=callee):
                called = [callee, *([callee.value] if isinstance(callee, ast.Attribute) else [])]
                forms = [Form(site.function.module, node) for node in called]
                if not any(list(self._reads.models.forms.named(form)) for form in forms):
                    return True
                return any(self._reads.models.names(form, frozenset(attributes)) for form in forms)
        return True


def _reading(addition: Addition, way: Way) -> list[Site]:
    """The places that read *way*, or go on from there."""
    return [s for w, sites in addition.ways.items() if w[: len(way)] == way for s in sites]


def _is_before(site: Site, loading: Loading) -> bool:
    """Whether *site* is read before the object is refreshed, and never after."""
    refresh = loading.refresh
    if refresh is None or site.function is not refresh.function:
        return False
    if loop_around(site.function, refresh.statement) is not None:
        return False
    source = site.function.module.source
    return source.start(site.node) < source.start(refresh.call)
