"""Tests run the coroutines that they call directly, on the sync session they have.

`alchemove.async_session` gives a function an AsyncSession that works on the very session of the test, in its transaction and
with its objects, so that the test sees what it saw before; `asyncio.run` waits for the result. Nothing else in the test, in
its fixtures and in its helpers changes, whatever plugins it is run with.

    user = create_user(db, "ada")                      user = asyncio.run(create_user(async_session(db), "ada"))
    names = Users(db).names()                          names = asyncio.run(Users(async_session(db)).names())

A test that is a coroutine already awaits instead. Where the project has such tests, and with them pytest-asyncio or anyio, the
other tests that call coroutines become coroutines as well, with the marker that those have:

    def test_a_user(db):                               @pytest.mark.asyncio
        assert user_named(db, "ada").id == 1           async def test_a_user(db):
                                                           assert (await user_named(async_session(db), "ada")).id == 1

Fixtures and helpers of tests stay sync, and so do methods of `unittest.TestCase`, tests with other decorators than markers of
pytest, and those that start an event loop themselves. The sessions of tests stay what they are, wherever they come from: an
AsyncSession of its own would see neither the transaction of the test nor its objects. A function that tests call where no event loop can be started for it (in a
callback, in a helper whose callers are not known) stays sync, with the reason `test`, and so do the methods of a class in whose
place a test passes something else.
"""

from __future__ import annotations

import ast

from alchemove_codemods.facts import FunctionFacts
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
                if isinstance(function.node, ast.AsyncFunctionDef) or function in colours.testing.awaiting:
                    file.wrap(site.node, lambda text: f"await {text}", _NAME)
                else:
                    asyncio = file.imports.use_module("asyncio")
                    file.wrap_call(site.node, f"{asyncio}.run", _NAME)
    for function, marker in colours.testing.awaiting.items():
        if function.module is file.module:
            _become_coroutine(file, function, marker)
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


def _become_coroutine(file: File, function: FunctionFacts, marker: str | None) -> None:
    """``async def`` for the test *function*, and ``@pytest.mark.MARKER`` before everything else."""
    source = file.module.source
    start, before = source.start(function.node), ""
    if marker is not None:
        indent = source.indent_at(start)
        before = f"@{file.imports.use_module('pytest')}.mark.{marker}{source.newline}{indent}"
    if marker is not None and function.decorators:
        # The sign before the first decorator is not part of its expression.
        at = source.text.rindex("@", 0, source.start(function.decorators[0]))
        file.insert(at, before, _NAME)
        before = ""
    file.insert(start, f"{before}async ", _NAME)
