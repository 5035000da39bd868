"""Options that a request hands to the helper that runs its statement, where most others want the statement as it is.

The calls between the place that asks and the function that runs the statement are known, so each of the functions takes
one more parameter, ``options``, and the statement gets what it holds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alchemove_codemods.colours.loads.loading import Loading
from alchemove_codemods.colours.loads.models_read import Required
from alchemove_codemods.facts import FunctionFacts, local_names

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

NAME = "options"
_PLAIN = frozenset({"staticmethod", "classmethod"})


@dataclass(frozen=True, slots=True, eq=False)
class Hop:
    """The call ``node`` of ``caller`` hands the options to ``member``."""

    caller: FunctionFacts
    node: ast.Call
    member: FunctionFacts


def hops(loading: Loading) -> list[Hop]:
    """The calls from the place that asks to the function that runs the statement of *loading*, in their order."""
    found: list[Hop] = []
    at = loading.came
    while at is not None:
        if not isinstance(at.node, ast.Call):
            return []
        found.insert(0, Hop(at.function, at.node, at.member))
        at = at.before
    return found


class Handing:
    """Answers for one program; remembers which call hands options to which statement."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._taken: dict[ast.Call, ast.expr] = {}

    def handed(self, required: list[Required]) -> list[Required] | None:
        """*required* with options that are handed to the statements; None if that is not possible."""
        found: list[Required] = []
        taken: dict[ast.Call, ast.expr] = {}
        for each in required:
            loading = each.loading
            if loading.refresh is not None or not each.ways:
                found.append(each)
                continue
            way = hops(loading)
            if not way or not self._is_possible(loading, way):
                return None
            first = way[0].node
            if {**self._taken, **taken}.get(first, loading.node) is not loading.node:
                return None
            taken[first] = loading.node
            found.append(replace(each, loading=replace(loading, handed=True)))
        self._taken.update(taken)
        return found

    def _is_possible(self, loading: Loading, way: list[Hop]) -> bool:
        statement = loading.statement
        if statement is None or statement.united or loading.cls is None or way[-1].member is not loading.function:
            return False
        if not self._colours.can_name(loading.cls, way[0].caller.module):
            return False
        return all(self._takes(hop) for hop in way) and self._colours.editable(way[0].caller)

    def _takes(self, hop: Hop) -> bool:
        """Whether the function can have one more parameter, and the call can give it."""
        colours, member, node = self._colours, hop.member, hop.node
        arguments = getattr(member.node, "args", None)
        if not isinstance(member.node, (ast.FunctionDef, ast.AsyncFunctionDef)) or not isinstance(
            arguments, ast.arguments
        ):
            return False
        if (
            colours.graph.methods_at(hop.caller, node.func) != [member]
            or colours.is_root(member)
            or not colours.editable(member)
        ):
            return False
        injected = (i.provider for made in colours.roots.injections.values() for i in made)
        if member in injected or len(member.decorators) > sum(member.decorated(name) for name in _PLAIN):
            return False
        names = {a.arg for a in _all(arguments)} | local_names(member.node)
        if arguments.kwarg is not None or not _all(arguments) or NAME in names:
            return False
        starred = any(isinstance(a, (ast.Starred, ast.GeneratorExp)) for a in node.args)
        return not starred and not any(k.arg in (None, NAME) for k in node.keywords)


def _all(arguments: ast.arguments) -> list[ast.arg]:
    found = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return found if arguments.vararg is None else [*found, arguments.vararg]


def last_parameter(function: FunctionFacts) -> Iterator[ast.AST]:
    """What stands in the signature of *function*: the last of it is where a parameter can be added."""
    arguments = getattr(function.node, "args", None)
    if isinstance(arguments, ast.arguments):
        yield from _all(arguments)
        yield from arguments.defaults
        yield from (d for d in arguments.kw_defaults if d is not None)
