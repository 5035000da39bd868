"""Which methods of one name a call may reach: those of classes above and below each other, and of siblings that something above calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alchemove_codemods.facts import ClassFacts, FunctionFacts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.models import Family, Models


def dispatched(models: Models, family: Family, name: str) -> dict[FunctionFacts, list[FunctionFacts]]:
    """Every method *name* of *family* with those that stand in for it, or it for them, itself included.

    Two classes that only have a base in common do not, if that base has no such method and does not call it on ``self`` either:
    what is called on an object of the base cannot be one of theirs.
    """
    methods = family.functions.get(name, [])
    if len(methods) < 2:
        return dict.fromkeys(methods, methods)
    groups = {method: [method] for method in methods}
    for tied in _tied(models, family, name, methods):
        group = groups[tied[0]]
        for method in tied[1:]:
            if groups[method] is not group:
                group += groups[method]
                groups.update(dict.fromkeys(groups[method], group))
    place = {method: at for at, method in enumerate(methods)}
    for group in {id(group): group for group in groups.values()}.values():
        group.sort(key=place.__getitem__)
    return groups


def _tied(models: Models, family: Family, name: str, methods: list[FunctionFacts]) -> list[list[FunctionFacts]]:
    """The methods that an object of one class inherits, and those below a class that calls the name itself."""
    defining: dict[ClassFacts, list[FunctionFacts]] = {}
    for method in methods:
        if method.owner is not None:
            defining.setdefault(method.owner, []).append(method)
    below: dict[ClassFacts, list[FunctionFacts]] = {}
    inherited = []
    for cls in family.classes:
        ancestors = models.ancestors(cls)
        inherited.append([method for ancestor in ancestors for method in defining.get(ancestor, ())])
        for method in defining.get(cls, ()):
            for ancestor in ancestors:
                below.setdefault(ancestor, []).append(method)
    said = re.compile(rf"\b(?:self|cls)\.{re.escape(name)}\b|[\"']{re.escape(name)}[\"']")
    called = [
        found
        for ancestor, found in below.items()
        if len(found) > 1 and said.search(ancestor.module.source.segment(ancestor.node))
    ]
    return [tied for tied in (*inherited, *called) if len(tied) > 1]
