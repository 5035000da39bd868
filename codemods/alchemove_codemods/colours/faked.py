"""Classes that tests put something else in the place of: a mock, or a class of their own, whose methods nobody awaits."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.colours.forced import is_test
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.holders import Holders
from alchemove_codemods.colours.overrides import Overrides, given_out
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.values import BOTTOM, NOTHING, UNKNOWN, Instance, Value, parts


class Faked:
    """The classes whose objects tests replace in an argument: ``ReportService(repository=MagicMock())``.

    The parameter says which class it is for, what the test passes is not proved to be of that class. So it is with what overrides
    the dependency that gives such an object: ``app.dependency_overrides[get_reports] = lambda: FakeReports()``.
    """

    def __init__(self, graph: Graph, holders: Holders, overrides: Overrides) -> None:
        self._graph = graph
        self._holders = holders
        self._found: dict[ClassFacts, str] = {}
        self._taking: dict[FunctionFacts, list[tuple[ast.arg, list[ClassFacts]]]] = {}
        for function, sites in graph.sites.items():
            for site in sites if is_test(function) else ():
                for cls, place in self._at(site):
                    self._add(cls, place)
        for override in overrides.found:
            for cls in set(self._given_by(override.provider)) if override.value is not None else ():
                returned = overrides.handed_out(override)
                if returned is None or not all(self._is_one(value, cls) for value in returned):
                    line, _ = override.module.source.place(override.key)
                    self._add(cls, f"{override.module.path}:{line}")

    def _add(self, cls: ClassFacts, place: str) -> None:
        for member in self._graph.knowledge.models.family(cls).classes:
            self._found.setdefault(member, place)

    def _given_by(self, provider: FunctionFacts) -> Iterator[ClassFacts]:
        """The classes of the program that a dependency gives objects of."""
        if provider.name == "__init__" and provider.owner is not None:
            yield provider.owner
            return
        for node in given_out(provider.node):
            for part in parts(self._graph.value(provider, node)):
                match part:
                    case Instance(cls=ClassFacts() as cls) if not self._graph.knowledge.models.is_mapped(cls):
                        yield cls

    def place(self, function: FunctionFacts) -> str | None:
        """Where a test passes something else in the place of the class that *function* is a method of."""
        return self._found.get(function.owner) if function.owner is not None else None

    def _at(self, site: Site) -> Iterator[tuple[ClassFacts, str]]:
        if not isinstance(call := site.node, ast.Call):
            return
        line, _ = site.function.module.source.place(call)
        for target in site.targets:
            for cls, given in self._parameters(site.function, call, target):
                if not self._is_one(given, cls):
                    yield cls, f"{site.function.module.path}:{line}"

    def _parameters(
        self, function: FunctionFacts, call: ast.Call, target: FunctionFacts
    ) -> Iterator[tuple[ClassFacts, Value]]:
        """The classes of the program that parameters of *target* are of, and what *call* in *function* gives them."""
        taken = [] if is_test(target) else self._taken(target)
        bound = self._holders.bound(function, call, target) if taken else {}
        for parameter, classes in taken:
            argument = bound.get(parameter.arg) if bound is not None else None
            if argument is None and bound is not None:
                continue
            given = self._graph.value(function, argument.node) if argument is not None else UNKNOWN
            for cls in classes:
                yield cls, given

    def _taken(self, target: FunctionFacts) -> list[tuple[ast.arg, list[ClassFacts]]]:
        """The parameters of *target* that are objects of the program's classes, mapped ones apart, and of which."""
        if target not in self._taking:
            found = self._taking[target] = []
            for parameter in target.parameters:
                of = [v.cls for v in parts(self._graph.value(target, parameter)) if isinstance(v, Instance)]
                own = [c for c in of if isinstance(c, ClassFacts) and not self._graph.knowledge.models.is_mapped(c)]
                if own:
                    found.append((parameter, own))
        return self._taking[target]

    def _is_one(self, given: Value, cls: ClassFacts) -> bool:
        """Whether *given* is proved to be of *cls*, or None."""
        family = self._graph.knowledge.models.family(cls).classes
        return given not in (UNKNOWN, BOTTOM) and all(
            p == NOTHING or (isinstance(p, Instance) and p.cls in family) for p in parts(given)
        )
