"""What tests put in the place of a session: a mock, or an object of a class of their own, for coroutines that await it."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

_AWAITED = frozenset(
    {
        *("execute", "scalars", "scalar", "get", "get_one", "flush", "commit", "rollback", "refresh", "merge"),
        *("delete", "close", "invalidate", "reset"),
    }
)
# What an AsyncSession is asked for that a sync session was not, so that a class of the tests need not have it.
_ADDED = frozenset({"expire_all", "expunge_all"})
_OPTIONAL = ("options", "attribute_names", "execution_options")


def stands_in(value: object) -> bool:
    """Whether *value* has a method by which code that is given a session talks to the database."""
    return any(callable(getattr(value, name, None)) for name in (*_AWAITED, "query", "exec", "add"))


class StandIn:
    """The AsyncSession of a *fake*: the methods that are awaited on an AsyncSession are, and call those of the fake.

    Everything else is the fake's, so that what a test asks of it afterwards (``fake.commit.assert_called_once()``, attributes
    that its methods set) is as with a sync session.
    """

    def __init__(self, fake: Any) -> None:
        vars(self).update(sync_session=fake, info={})

    def __getattr__(self, name: str) -> Any:
        fake = vars(self)["sync_session"]
        if name in _ADDED and not hasattr(fake, name):
            return lambda: None
        found = getattr(fake, name)
        return _awaited(found) if name in _AWAITED and callable(found) else found

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(vars(self)["sync_session"], name, value)

    def __contains__(self, item: object) -> bool:
        return item in vars(self)["sync_session"]

    async def run_sync(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call *function* with the fake."""
        return function(vars(self)["sync_session"], *args, **kwargs)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[Any, None]:
        """``async with session.begin()``: the fake's ``with``."""
        with vars(self)["sync_session"].begin() as transaction:
            yield transaction

    @asynccontextmanager
    async def begin_nested(self) -> AsyncGenerator[Any, None]:
        """``async with session.begin_nested()``: the fake's ``with``."""
        with vars(self)["sync_session"].begin_nested() as transaction:
            yield transaction


def _awaited(method: Callable[..., Any]) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        result = method(*args, **_accepted(method, args, kwargs))
        return await result if inspect.isawaitable(result) else result

    return call


def _accepted(method: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """*kwargs* without what eager loading adds, where *method* does not know that."""
    if not any(name in kwargs for name in _OPTIONAL):
        return kwargs
    try:
        inspect.signature(method).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return {name: value for name, value in kwargs.items() if name not in _OPTIONAL}
    return kwargs
