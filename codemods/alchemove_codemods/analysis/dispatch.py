"""Which methods of one name a call may reach: those of classes above and below each other, and of siblings that something above calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.values import Class

if TYPE_CHECKING:
    from alchemove_codemods.analysis.lineages import Family, Lineages

_SAID = re.compile(r"\b(?:self|cls)\.(?=(\w+))|[\"'](?=(\w+)[\"'])")
"""A name that is asked of the object itself, or written as text; looked ahead at, so that none hides the next one."""


class Dispatch:
    """The groups of methods of one name, family by family."""

    def __init__(self, models: Lineages) -> None:
        self._models = models
        self._groups: dict[tuple[Family, str], dict[FunctionFacts, list[FunctionFacts]]] = {}
        self._joints: dict[Family, list[list[ClassFacts]]] = {}
        self._said: dict[ClassFacts, frozenset[str]] = {}

    def groups(self, family: Family, name: str) -> dict[FunctionFacts, list[FunctionFacts]]:
        """Every method *name* of *family* with those that stand in for it, or it for them, itself included.

        Two classes that only have a base in common do not, if that base has no such method and does not call it on ``self`` either:
        what is called on an object of the base cannot be one of theirs.
        """
        found = self._groups.get((family, name))
        if found is None:
            found = self._groups[family, name] = self._grouped(family, name)
        return found

    def _grouped(self, family: Family, name: str) -> dict[FunctionFacts, list[FunctionFacts]]:
        methods = family.named(name)
        if len(methods) < 2:
            return dict.fromkeys(methods, methods)
        groups = {method: [method] for method in methods}
        for tied in self._tied(family, name, methods):
            group = groups[tied[0]]
            for method in tied[1:]:
                if groups[method] is not group:
                    group += groups[method]
                    groups.update(dict.fromkeys(groups[method], group))
        place = {method: at for at, method in enumerate(methods)}
        for group in {id(group): group for group in groups.values()}.values():
            group.sort(key=place.__getitem__)
        return groups

    def _tied(self, family: Family, name: str, methods: list[FunctionFacts]) -> list[list[FunctionFacts]]:
        """The methods that an object of one class inherits, and those below a class that calls the name itself."""
        defining = {method.owner: method for method in methods}
        below: dict[ClassFacts, list[FunctionFacts]] = {}
        lines = list(self._joined(family))
        for method in methods:
            if method.owner is not None:
                ancestors = self._models.ancestors(method.owner)
                lines.append(ancestors)
                for ancestor in ancestors:
                    below.setdefault(ancestor, []).append(method)
        inherited = [[defining[ancestor] for ancestor in line if ancestor in defining] for line in lines]
        called = [found for ancestor, found in below.items() if len(found) > 1 and name in self._asked_by(ancestor)]
        return [tied for tied in (*inherited, *called) if len(tied) > 1]

    def _joined(self, family: Family) -> list[list[ClassFacts]]:
        """The ancestors of each class of *family* in which several lines meet.

        A class with one base inherits nothing together that its base does not.
        """
        if family not in self._joints:
            bases = self._models.bases
            self._joints[family] = [
                self._models.ancestors(cls)
                for cls in family.classes
                if sum(isinstance(base, Class) for base in bases(cls)) > 1
            ]
        return self._joints[family]

    def _asked_by(self, cls: ClassFacts) -> frozenset[str]:
        """The names that the text of *cls* asks of its object, or holds as texts."""
        if cls not in self._said:
            text = cls.module.source.segment(cls.node)
            self._said[cls] = frozenset(match[1] or match[2] for match in _SAID.finditer(text))
        return self._said[cls]
