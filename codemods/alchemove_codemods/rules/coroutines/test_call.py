"""Tests run the coroutines that they call directly, on the sync session they have.

`alchemove.async_session` gives a function an AsyncSession that works on the very session of the test, in its transaction and
with its objects, so that the test sees what it saw before; `asyncio.run` waits for the result. Nothing else in the test, in
its fixtures and in its helpers changes, whatever plugins it is run with.

    user = create_user(db, "ada")                      user = asyncio.run(create_user(async_session(db), "ada"))
    names = Users(db).names()                          names = asyncio.run(Users(async_session(db)).names())

A test that is a coroutine already awaits instead. A function that tests call where no event loop can be started for it (in a
callback, in a helper whose callers are not known) stays sync, with the reason `test`, and so do the methods of a class in whose
place a test passes something else.
"""

from __future__ import annotations

import ast

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File

_NAME = "test-call"


@rule(
    _NAME,
    stage="async",
    reasons={
        "faked": "a test passes something else in the place of an object of this class (a mock, a class of its own), whose methods "
        "give no coroutines. Pass an object of a subclass, or an AsyncMock, and make the methods coroutines by hand",
    },
)
def test_call(file: File) -> None:
    """``f(db)`` → ``asyncio.run(f(async_session(db)))``, in tests."""
    colours = file.colours
    for function, sites in colours.testing.calls.items():
        if function.module is file.module:
            for site in sites:
                if isinstance(function.node, ast.AsyncFunctionDef):
                    file.wrap(site.node, lambda text: f"await {text}", _NAME)
                else:
                    asyncio = file.imports.use_module("asyncio")
                    file.wrap_call(site.node, f"{asyncio}.run", _NAME)
    done: set[ast.expr] = set()
    for edge in colours.holders.edges:
        if (
            edge.function.module is file.module
            and edge.node not in done
            and edge.source not in colours.asynchronous
            and edge.target in colours.asynchronous
            and colours.testing.wraps(edge)
        ):
            done.add(edge.node)
            file.wrap_call(edge.node, file.imports.use("async_session", "alchemove"), _NAME)
