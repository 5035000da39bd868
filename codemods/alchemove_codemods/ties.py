"""Which callers of a helper convert together: none, where the helper is right for any query just as it stands.

A query that is passed to a function of the program has a component of its own there (``Knowledge.passed_on``), linked to that of
each caller. Where all that the function does is to call builders that a ``select()`` has as well, under the same names and with the
same arguments, its callers have nothing to do with each other. In all other cases they are tied, and convert together or not at all.
"""

from __future__ import annotations

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.occurrences import keeps
from alchemove_codemods.analysis.records import Annotated, Mention, Record, Step, component_of
from alchemove_codemods.analysis.transfer import is_neutral
from alchemove_codemods.rewrite.chain import Chain
from alchemove_codemods.rewrite.views import Refused
from alchemove_codemods.values import Component, State


class Ties:
    """The links between callers and the helpers they pass queries to."""

    def __init__(self, knowledge: Knowledge, chains: list[Chain]) -> None:
        self._knowledge = knowledge
        self._links = list(knowledge.links)
        self._records = _by_component(knowledge)
        self._chains: dict[Component, list[Chain]] = {}
        for chain in chains:
            if chain.changes:
                self._chains.setdefault(chain.query.component.find(), []).append(chain)
        self._helper = {component.find(): function for (function, _), component in knowledge.passed_on.items()}
        self._free: dict[Component, bool] = {}
        while self._tie():
            pass

    def _tie(self) -> bool:
        """Tie the callers of helpers that need it; gives whether there were any."""
        tied = False
        for inner, outer in self._links:
            a, b = inner.find(), outer.find()
            if a is not b and not self._stands(a):
                inner.unite(outer)
                root = inner.find()
                self._records[root] = [*self._records.pop(a, []), *self._records.pop(b, [])]
                self._chains[root] = [*self._chains.pop(a, []), *self._chains.pop(b, [])]
                self._free.pop(root, None)
                tied = True
        return tied

    def _stands(self, inner: Component) -> bool:
        if inner not in self._free:
            self._free[inner] = self._decide(inner)
        return self._free[inner]

    def _decide(self, inner: Component) -> bool:
        helper = self._helper.get(inner)
        if helper is None or not all(keeps(f) for f in self._knowledge.overriding(helper)):
            return False
        steps = []
        for record in self._records.get(inner, ()):
            match record:
                case Annotated():
                    continue
                case Step(before=query, after=State(), method=method) if is_neutral(method, record.values):
                    steps.append(record)
                case Mention(query=query):
                    pass
                case _:
                    return False
            if query.passed is None or query.passed.function is not helper:
                return False
        before = [step.as_is for step in steps]
        for step in steps:
            step.as_is = True
        try:
            for chain in self._chains.get(inner, ()):
                chain.render()
        except Refused:
            return False
        finally:
            for step, was in zip(steps, before):
                step.as_is = was
        return True

    def loose(self) -> list[tuple[Component, list[Component]]]:
        """The components inside helpers that stand for themselves, with those of their callers."""
        found: dict[Component, list[Component]] = {}
        for inner, outer in self._links:
            if inner.find() is not outer.find():
                found.setdefault(inner.find(), []).append(outer.find())
        return list(found.items())


def _by_component(knowledge: Knowledge) -> dict[Component, list[Record]]:
    found: dict[Component, list[Record]] = {}
    for records in knowledge.records.values():
        for record in records.values():
            component = component_of(record)
            if component is not None:
                found.setdefault(component.find(), []).append(record)
    return found
