"""Which methods of one name a call may reach: those of classes above and below each other, and of siblings that something above calls."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from alchemove_codemods.facts import ClassFacts, FunctionFacts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.models import Models


def dispatched(models: Models, function: FunctionFacts) -> Sequence[FunctionFacts]:
    """*function* and the methods of its name that stand in for it, or it for them.

    Two classes that only have a base in common do not, if that base has no such method and does not call it on ``self`` either:
    what is called on an object of the base cannot be one of theirs.
    """
    assert function.owner is not None
    everything = models.family(function.owner).functions.get(function.name, ())
    if len(everything) < 2:
        return everything
    lines = {f: frozenset(models.ancestors(f.owner)) for f in everything if f.owner is not None}
    if function not in lines:
        return everything
    said = re.compile(rf"\b(?:self|cls)\.{re.escape(function.name)}\b|[\"']{re.escape(function.name)}[\"']")
    found, pending = {function: None}, [function]
    while pending:
        at = pending.pop()
        beside = (
            frozenset(c for below in models.subclasses(at.owner) for c in models.ancestors(below)) if at.owner else ()
        )
        for other, line in lines.items():
            if other not in found and (other.owner in beside or _are_tied(at, lines[at], other, line, said)):
                found[other] = None
                pending.append(other)
    return [f for f in everything if f in found]


def _are_tied(
    one: FunctionFacts,
    above_one: frozenset[ClassFacts],
    other: FunctionFacts,
    above_other: frozenset[ClassFacts],
    said: re.Pattern[str],
) -> bool:
    if one.owner in above_other or other.owner in above_one:
        return True
    shared = above_one & above_other
    return any(said.search(cls.module.source.segment(cls.node)) for cls in shared)
