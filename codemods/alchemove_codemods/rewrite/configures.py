"""Statements that configure the mappers where the query did: ``select(class_mapper(User))`` is ``select(User)``, and does.

What a backref makes exists only then, and ``select(User)`` alone leaves the mappers as they are. A query of columns leaves them so, too.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.configuring import is_configured
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.analysis.records import Creation
from alchemove_codemods.values import Class, Component

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alchemove_codemods.rewrite.chain import Chain


def reads_late(chain: Chain) -> bool:
    """Whether an argument in *chain* reads an attribute that need not exist yet."""
    knowledge = chain.file.knowledge
    if not knowledge.late:
        return False
    for step in chain.steps:
        call = step.node
        for argument in (*call.args, *(k.value for k in call.keywords)) if isinstance(call, ast.Call) else ():
            if any(n in knowledge.late and not is_configured(knowledge, n) for n in ast.walk(argument)):
                return True
    return False


def read_elsewhere(chains: Iterable[Chain]) -> set[Component]:
    """The components whose queries are made in one expression, and meet such an attribute in another one."""
    chains = list(chains)
    made = {chain.query.component.find() for chain in chains if chain.creation is not None}
    return made & {chain.query.component.find() for chain in chains if chain.creation is None and chain.reads_late}


def mapped_argument(creation: Creation, models: Models) -> ast.expr | None:
    """The argument of *creation* by which ``query()`` configures the mappers: the first one that is a mapped class."""
    for argument, element in zip(creation.arguments, creation.query.state.elements or ()):
        if element.starred:
            return None
        if isinstance(element.value, Class) and models.is_mapped(element.value.facts):
            return argument
    return None


def is_needed(knowledge: Knowledge, chain: Chain) -> bool:
    """Whether the statement that *chain* makes has to configure the mappers."""
    if chain.creation is None or _has_object(chain.creation):
        return False
    return chain.reads_late or chain.query.component.find() in knowledge.configuring


def _has_object(creation: Creation) -> bool:
    """Whether the query is made from an object, so that the mappers are configured."""
    return creation.kind == "dynamic-relationship" or creation.of_instance
