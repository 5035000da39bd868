"""Whether ``session.get()`` may find the object in the session: then it sends no statement, and its options do nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from alchemove_codemods.colours.lazy import EAGER
from alchemove_codemods.colours.loads.loading import Loading
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.loads.statements import Statements, Step, one_class
from alchemove_codemods.colours.loads.together import Together
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Instance, Sql, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours
    from alchemove_codemods.colours.site import Site

_LOADING = frozenset({"get", "get_one", "scalars", "scalar", "execute", "exec", "merge", "query"})


class Held:
    """Answers for one program."""

    def __init__(self, colours: Colours, together: Together) -> None:
        self._colours = colours
        self._together = together

    def before(self, loading: Loading, cls: ClassFacts) -> bool:
        """Whether an object of *cls* may be in the session when *loading* asks for it."""
        functions = self._beside(loading)
        return not functions or any(self._may_load(f, cls, loading.node) for f in functions)

    def with_options(
        self, loading: Loading, cls: ClassFacts, others: Iterable[tuple[Loading, set[ClassFacts]]]
    ) -> bool:
        """Whether *others*, statements and the classes that options have them load besides, may have loaded an object of *cls* before *loading*."""
        functions, family = self._beside(loading), self._family(cls)
        return any(
            not family.isdisjoint(loaded) and other.function in functions
            for other, loaded in others
            if other.node is not loading.node
        )

    def _beside(self, loading: Loading) -> set[FunctionFacts]:
        """What the requests may run that run *loading*."""
        return {f for request in self._together.requests if loading.function in request for f in request}

    def _family(self, cls: ClassFacts) -> set[ClassFacts]:
        models = self._colours.knowledge.models
        family = set(models.family(cls).classes) if models.polymorphic(cls) else {cls}
        return family | {c for c in models.ancestors(cls) if models.is_mapped(c)}

    def _may_load(self, function: FunctionFacts, cls: ClassFacts, own: ast.expr) -> bool:
        models = self._colours.knowledge.models
        family = self._family(cls)
        for site in self._colours.graph.sites.get(function, ()):
            if site.node is own:
                continue
            if site.kind == "response" and self._shows(site, family):
                return True
            if site.kind in ("handed", "query") or (site.kind == "io" and self._loads(function, site, family, own)):
                return True
        for node in own_nodes(function):
            match node:
                case ast.Call(func=callee) if any(
                    isinstance(v, Class) and v.facts in family
                    for v in parts(self._colours.graph.value(function, callee))
                ):
                    return True
                case ast.Attribute(value=base, attr=name):
                    for part in parts(self._colours.graph.value(function, base)):
                        if isinstance(part, Instance) and not isinstance(part.cls, str) and models.is_mapped(part.cls):
                            mapped = models.attribute(part.cls, name)
                            if mapped is not None and mapped.kind == "relationship" and mapped.target in family:
                                return True
        return False

    def _shows(self, site: Site, family: set[ClassFacts]) -> bool:
        """Whether a response model reads what may be one of *family*: that may be loaded with an earlier statement."""
        colours, leading = self._colours, self._leading(family)
        response = colours.responses.get(site.node)
        return response is not None and any(
            leading & set(ancestor.members)
            for model in colours.readers.named(site.function.module, response.node)
            for ancestor in colours.knowledge.models.ancestors(model)
        )

    def _leading(self, family: set[ClassFacts]) -> set[str]:
        """The names of the relationships that lead to one of *family*."""
        knowledge = self._colours.knowledge
        given = {name for made in knowledge.models.backrefs().values() for source, name, *_ in made if source in family}
        return given | {
            name
            for module in knowledge.program.loaded()
            for cls in module.classes.values()
            if knowledge.models.is_mapped(cls)
            for name, attribute in knowledge.models.own(cls).items()
            if attribute.kind == "relationship" and (attribute.target is None or attribute.target in family)
        }

    def _lead(self, steps: Iterable[Step], family: set[ClassFacts]) -> bool:
        """Whether options among *steps* may load one of *family* with what is selected."""
        options = [o for name, call, *_ in steps if name == "options" for o in call.args]
        leading = self._leading(family) if options else set()
        return any(
            not isinstance(option, ast.Call)
            or any(isinstance(n, ast.Attribute) and n.attr in leading for n in walk(option))
            for option in options
        )

    def _loads(self, function: FunctionFacts, site: Site, family: set[ClassFacts], own: ast.expr) -> bool:
        if site.name not in _LOADING:
            return False
        first = site.node.args[0] if isinstance(site.node, ast.Call) and site.node.args else None
        if first is None or site.name in ("merge", "query"):
            return True
        if site.name in ("get", "get_one"):
            classes = [one_class(self._colours, function, first)]
        else:
            statements = Statements(self._colours).of(function, first)
            if statements and all(s.place is own for s in statements):
                return False
            entities = [(s.function, a) for s in statements for a in s.elements]
            if any(self._lead(s.steps, family) for s in statements):
                return True
            if not entities:
                return not self._colours.writes.sources.only_reads(function, first) or not statements
            classes = [one_class(self._colours, f, a) for f, a in entities if self._is_entity(f, a)]
        return any(c is None or c in family or self._brings(c, family) for c in classes)

    def _is_entity(self, function: FunctionFacts, node: ast.expr) -> bool:
        values = list(parts(self._colours.graph.value(function, node)))
        return not values or any(not _is_column(v) for v in values)

    def _brings(self, cls: ClassFacts, family: set[ClassFacts]) -> bool:
        """Whether loading *cls* loads one of *family* with it."""
        models = self._colours.knowledge.models
        return any(
            attribute.kind == "relationship"
            and attribute.lazy in EAGER
            and (attribute.target is None or attribute.target in family or attribute.target is not cls)
            for ancestor in models.ancestors(cls)
            for attribute in models.own(ancestor).values()
        )


def _is_column(value: object) -> bool:
    return isinstance(value, Sql) and value.kind in ("column", "expression", "aggregate")
