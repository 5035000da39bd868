"""Classes that have the methods of a ``Protocol`` of the program: they need not inherit it to be passed where it is named."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.facts import ClassFacts, FunctionFacts


class Protocols:
    """Which methods stand in for each other, by inheritance or by a Protocol; *endpoints* are called by FastAPI."""

    def __init__(self, knowledge: Knowledge, endpoints: Collection[FunctionFacts] = ()) -> None:
        self._knowledge = knowledge
        self._endpoints = endpoints
        self._called = frozenset(knowledge.calls.values())
        self._groups: dict[FunctionFacts, dict[FunctionFacts, None]] = {}
        self._promised: set[str] = set()
        declared = list(self._declared())
        for protocol in declared:
            names = [
                n for n in protocol.members if not n.startswith("__") and knowledge.method(protocol, n) is not None
            ]
            self._promised.update(protocol.members)
            for cls in self._with(names, protocol):
                self._unite(protocol, cls, names)

    def overriding(self, function: FunctionFacts) -> list[FunctionFacts]:
        """All methods that a call of *function* may reach, itself included."""
        known = self._groups.get(function)
        group = self._knowledge.overriding(function) if known is None else list(known)
        if function in self._endpoints and not any(member in self._called for member in group):
            # FastAPI has the function itself: views that have endpoints of the same name have nothing to do with each other.
            return [function]
        return group

    def is_promised(self, function: FunctionFacts) -> bool:
        """Whether a Protocol has a method of that name, which the class of *function* does not have all methods of."""
        return function.owner is not None and function.name in self._promised and function not in self._groups

    def _declared(self) -> Iterator[ClassFacts]:
        program, models = self._knowledge.program, self._knowledge.models
        for path in program.mentioning(b"Protocol"):
            module = program.module(path)
            for cls in module.classes.values() if module is not None else ():
                if any(isinstance(base, str) and base.endswith(".Protocol") for base in models.lineage(cls)):
                    yield cls

    def _with(self, names: list[str], protocol: ClassFacts) -> Iterator[ClassFacts]:
        """The classes that have methods of all *names*."""
        program = self._knowledge.program
        seen = {protocol}
        for path in program.mentioning(names[0].encode()) if names else ():
            module = program.module(path)
            for cls in module.classes.values() if module is not None else ():
                family = self._knowledge.models.family(cls).classes
                for member in family if cls is not protocol else ():
                    if member not in seen:
                        seen.add(member)
                        if all(self._knowledge.method(member, n) is not None for n in names):
                            yield member

    def _unite(self, protocol: ClassFacts, cls: ClassFacts, names: list[str]) -> None:
        for name in names:
            together: dict[FunctionFacts, None] = {}
            for each in (protocol, cls):
                method = self._knowledge.method(each, name)
                for member in self._knowledge.overriding(method) if method is not None else ():
                    together.update(self._groups.get(member) or {member: None})
            for member in together:
                self._groups[member] = together
