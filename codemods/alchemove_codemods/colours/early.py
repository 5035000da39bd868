"""Dependencies with ``yield`` that have the request's session: what is behind their ``yield`` comes before its end.

`session_depends` gives the session the scope ``function`` where FastAPI has scopes (0.121), so that it is committed before the
response. A dependency with ``yield`` that is given the session has to have that scope too: FastAPI refuses anything else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


def early(colours: Colours, module: ModuleFacts) -> Iterator[ast.Call]:
    """The ``Depends(f)`` in *module* of which the *f* has to end before the session does."""
    having = {i.function for held, made in colours.injections.items() if held in colours.asynchronous for i in made}
    pending = list(having)
    users: dict[FunctionFacts, list[FunctionFacts]] = {}
    for function, injections in colours.roots.injections.items():
        for injection in injections:
            if injection.provider is not None:
                users.setdefault(injection.provider, []).append(function)
    while pending:
        for user in users.get(pending.pop(), ()):
            if user not in having:
                having.add(user)
                pending.append(user)
    for function in having:
        if is_generator(function):
            yield from (call for where, call in colours.roots.depends.get(function, ()) if where is module)


def can_be_early(colours: Colours, function: FunctionFacts) -> bool:
    """Whether every ``Depends`` of *function*, if it has a ``yield``, is one that `session_depends` can stand for."""
    return not is_generator(function) or all(
        last_name(call.func) == "Depends" and len(call.args) == 1 and not call.keywords
        for _, call in colours.roots.depends.get(function, ())
    )
