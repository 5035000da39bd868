"""Whether a coroutine that is made has run to its end before anything else happens: it is awaited where it is made, or run there."""

from __future__ import annotations

import ast

from alchemove_codemods.facts import FunctionFacts, last_name

_RUNNERS = frozenset({"run", "run_until_complete"})


def awaited(function: FunctionFacts, call: ast.Call) -> bool:
    """Whether the coroutine that *call* in *function* makes is awaited at once, or run by ``asyncio.run()`` or a loop.

    A task, or what ``gather()`` is given, may still use the session when the block has ended, or together with others.
    """
    match function.module.source.parents.get(call):
        case ast.Await():
            return True
        case ast.Call(func=ast.Attribute() as runner, args=[first, *_]):
            return first is call and last_name(runner) in _RUNNERS
    return False
