"""Dependencies of which it is not known what FastAPI calls: ``Depends(guard)``, where ``guard`` may hold anything.

One may share the session of the request like every other, and give objects of it.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.colour import named
from alchemove_codemods.colours.roots import Injection
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.values import Class, External, Instance, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


class Unresolved:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours

    def label(self, function: FunctionFacts) -> str | None:
        """The dependency of *function* that may be one of those that share its session; None if all are known."""
        for injection in self._colours.roots.injections.get(function, ()):
            if injection.provider is None and self._is_unknown(injection) and self._suspects:
                return f"{named(function)}: {ast.unparse(injection.call)}, perhaps {named(self._suspects[0])}"
        return None

    def _is_unknown(self, injection: Injection) -> bool:
        if not injection.call.args or injection.declared is not None:
            return False
        module, node = (injection.alias or (injection.function.module,))[0], injection.call.args[0]
        if isinstance(node, ast.Lambda) and not [*node.args.defaults, *node.args.kw_defaults]:
            return False  # FastAPI injects it nothing
        found = self._colours.roots.evaluated(module, node)
        if not _is_known(found):
            found = self._colours.knowledge.static(module, node)
        return not _is_known(found)

    @cached_property
    def _suspects(self) -> list[FunctionFacts]:
        """The functions with a session of the request that the program names where it is not known what becomes of them."""
        given = {i.function for made in self._colours.injections.values() for i in made}
        found = (f for f in given if f not in self._colours.roots.endpoints and not self._colours.uses.closed(f))
        return sorted(found, key=lambda f: f.place)


def _is_known(value: Value) -> bool:
    """Whether *value* is something of a library, or a class or object of one."""
    return all(
        isinstance(part, (External, Class)) or (isinstance(part, Instance) and isinstance(part.cls, str))
        for part in parts(value)
    )
