"""What is read of an object, by the code and by its properties."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.consumers import evaluated
from alchemove_codemods.colours.lazy import getter
from alchemove_codemods.colours.loads.forms import Form
from alchemove_codemods.colours.loads.loading import Loading, Lost
from alchemove_codemods.colours.loads.models_read import Models, Required, Shown, class_of, required_of
from alchemove_codemods.colours.loads.options import Way
from alchemove_codemods.colours.loads.origins import Origins
from alchemove_codemods.colours.named_reads import MATCHED, NamedRead, columns_left_out, named_read
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.templates import rendering
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.values import Value

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_TALKING = frozenset({"io", "handed", "query", "opened", "response", "lazy"})


@dataclass(eq=False)
class Reads:
    """Answers for one program."""

    colours: Colours
    origins: Origins
    _methods: dict[FunctionFacts, frozenset[Way] | None] = field(
        default_factory=dict[FunctionFacts, "frozenset[Way] | None"]
    )
    _silent: dict[FunctionFacts, bool] = field(default_factory=dict[FunctionFacts, bool])

    @cached_property
    def models(self) -> Models:
        """What models of pydantic read."""
        return Models(self.colours, self.origins, self)

    def required(self, site: Site) -> list[Required]:
        """What has to be loaded before, so that *site* loads nothing.

        Raises:
            Lost: that is not known.
        """
        function, node = site.function, site.node
        match site.kind, node:
            case "lazy", ast.expr() if site.name == MATCHED:
                raise Lost("unknown-origin", function, node)
            case "lazy", ast.Attribute():
                self._at_once(site)
                loadings = self.origins.of(function, node.value, node)
                return [required_of(loading, self._named_in(loading, node.attr)) for loading in loadings]
            case "property", ast.Attribute():
                self._at_once(site)
                ways = self._property(site)
                return [required_of(loading, ways) for loading in self.origins.of(function, node.value, node)]
            case (("lazy" | "property"), ast.Call()) if (read := named_read(function, node)) is not None:
                self._at_once(site)
                return self._by_name(site, read)
            case "lazy", ast.Call() if site.name:
                # What ``attrgetter()`` makes reads it, one object after the other.
                raise Lost("unknown-origin", function, node)
            case "lazy", ast.Call() if rendering(node, self._on(site)) is not None:
                raise Lost("template-reads", function, node)
            case "lazy", ast.Call():
                return list(self.models.validated(function, node))
            case "response", _:
                response = self.colours.responses[node]
                at = Shown(function, node, node)
                return list(self.models.shown(at, Form(function.module, response.node)))
        raise Lost("unknown-origin", function, node)

    def _by_name(self, site: Site, read: NamedRead) -> list[Required]:
        graph = self.colours.graph
        found: list[Required] = []
        for loading in self.origins.of(site.function, read.base, site.node):
            if read.name is not None:
                ways = self._property(site) if site.kind == "property" else self._named_in(loading, read.name)
            else:
                cls = class_of(self.colours, loading)
                names = columns_left_out(graph, cls) if cls is not None and read.columns else None
                if names is None:
                    raise Lost("unknown-origin", site.function, site.node)
                ways = tuple((name,) for name in names)
            found.append(required_of(loading, ways))
        return found

    def _on(self, site: Site) -> Value:
        callee = site.node.func if isinstance(site.node, ast.Call) else None
        return self.colours.graph.value(site.function, callee.value if isinstance(callee, ast.Attribute) else None)

    def _named_in(self, loading: Loading, name: str) -> tuple[Way, ...]:
        """The ways that reading *name* of what *loading* loads reads: the attribute, or what the property reads in turn."""
        cls = class_of(self.colours, loading)
        method = getter(self.colours.knowledge, cls, name) if cls is not None else None
        if method is None:
            return ((name,),)
        ways = self.of_method(method)
        if ways is None:
            raise Lost("property-loads", method, method.node)
        return tuple(sorted(ways))

    def _at_once(self, site: Site) -> None:
        """Raise :exc:`Lost` if *site* is in a function or generator that may run at any time."""
        parents = site.function.module.source.parents
        later = site.deferred
        # Who a lambda is given to as ``key`` calls it; others may keep it.
        kept = isinstance(later, ast.Lambda) and not isinstance(parents.get(later), ast.keyword)
        if later is not None and (kept or evaluated(parents, later) is None):
            raise Lost("unknown-origin", site.function, site.node)

    def _property(self, site: Site) -> tuple[Way, ...]:
        ways: set[Way] = set()
        for target in site.targets:
            found = self.of_method(target)
            if found is None:
                raise Lost("property-loads", target, target.node)
            ways |= found
        return tuple(sorted(ways))

    # properties ----------------------------------------------------------------------------------------------------

    def of_method(self, method: FunctionFacts) -> frozenset[Way] | None:
        """The ways that running *method* of an object reads from it; None if it loads something else as well."""
        if method not in self._methods:
            self._methods[method] = None
            try:
                found = frozenset(self._read_in(method))
            except Lost:
                return None
            # What loads in a way that is not followed would load later, too.
            self._methods[method] = found if found or method.name not in self.colours.graph.loading else None
        return self._methods[method]

    def _read_in(self, method: FunctionFacts) -> Iterator[Way]:
        for site in self.colours.graph.sites.get(method, ()):
            match site.kind, site.node:
                case "lazy", ast.Attribute(value=base, attr=name, ctx=ast.Load()):
                    for way in self.origins.ways(method, base):
                        yield (*way, name)
                case "property", ast.Attribute(value=base):
                    inner = self._property(site)
                    for way in self.origins.ways(method, base) if inner else ():
                        yield from ((*way, *below) for below in inner)
                case (("call" | "property" | "implicit"), _) if all(self.is_quiet(t) for t in site.targets):
                    continue
                case _:
                    raise Lost("property-loads", method, site.node)

    def is_quiet(self, function: FunctionFacts) -> bool:
        """Whether *function* neither talks to the database nor reads what may have to be loaded."""
        if function not in self._silent:
            self._silent[function] = True
            sites = self.colours.graph.sites.get(function, ())
            self._silent[function] = not any(s.kind in _TALKING for s in sites) and all(
                self.is_quiet(t) for s in sites for t in s.targets
            )
        return self._silent[function]
