"""``app.dependency_overrides`` of a test suite that was written for a sync session, where endpoints await theirs.

The tests of a FastAPI application give it a `Session` of their own: of another engine, or one in a transaction that is
rolled back at the end. They go on to work on it themselves, before and after the requests. `session_override` lets
endpoints that have become coroutines work on the very same session, so that neither fixtures nor tests change.
"""

from __future__ import annotations

import asyncio
import inspect
import typing
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.orm import ORMExecuteState, Session, scoped_session
from sqlalchemy.util.concurrency import greenlet_spawn, in_greenlet

from alchemove.session_block import DISCARDS
from alchemove.stand_ins import StandIn, stands_in

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


def session_override(override: Callable[..., Any]) -> Callable[..., AsyncGenerator[AsyncSession, None]]:
    """What overrides an asynchronous session dependency, from what overrides the sync one.

        app.dependency_overrides[get_session] = session_override(override_get_db)

    The request's `AsyncSession` works on the `Session` that *override* hands out, in its transaction and with its
    objects. Two things are as with a real AsyncSession, so that the tests show what production would: what the request
    commits is not expired before the request has ended, and an attribute that has to be loaded outside of an ``await``
    raises ``MissingGreenlet``, but for the columns of objects that the tests had let expire before. Statements block the event loop, so requests that have to wait for each other must not
    be made at the same time.

    A mock, or an object of a class of the tests, may be handed out as well: ``await session.execute(...)`` calls its ``execute``.

    Args:
        override: a dependency that yields or returns a sync session, or what stands in for one: a generator function, a
            function or a coroutine function; its parameters are injected as before.

    Returns:
        A dependency that yields an `AsyncSession`. It neither commits nor closes: what *override* does around the
        request is all that is done.

    Raises:
        TypeError: in the request, if *override* hands out something that has no method of a `Session`.
    """
    handed_out = _manager(override)

    async def get_session(*arguments: Any, **keywords: Any) -> AsyncGenerator[AsyncSession, None]:
        async with handed_out(*arguments, **keywords) as session:
            found = session() if isinstance(session, scoped_session) else session
            # A mock with a specification says of itself that it is a Session.
            if issubclass(type(found), Session):
                with _asynchronous(found) as asynchronous:
                    yield asynchronous
            elif stands_in(found):
                yield StandIn(found)  # type: ignore[misc]
            else:
                raise TypeError(f"{override!r} handed out {found!r}; session_override() needs a Session")

    get_session.__signature__ = _signature(override)  # type: ignore[attr-defined]
    get_session.__doc__ = f"The session of {getattr(override, '__qualname__', override)}, as an AsyncSession."
    return get_session


def async_session(session: Session | scoped_session[Session]) -> AsyncSession:
    """An AsyncSession that works on *session* itself: in its transaction, with its objects.

        user = asyncio.run(create_user(async_session(session), "ada"))

    For tests that call a coroutine directly and go on with their sync session, which sees at once what the coroutine did.
    Everything about *session* stays as it is, ``expire_on_commit`` and its engine too: its statements block the event
    loop, and lazy loads that a real AsyncSession refuses succeed. Who made *session* closes it; the AsyncSession need
    not be closed.

    Raises:
        TypeError: *session* is no `Session`.
    """
    found = session() if isinstance(session, scoped_session) else session
    if not isinstance(found, Session):
        raise TypeError(f"async_session() works on a Session, not on {found!r}")
    # An application that stays sync has no greenlet (SQLAlchemy 2.1), and imports this module all the same.
    from sqlalchemy.ext.asyncio import AsyncSession

    class OnSyncEngine(AsyncSession):
        """The cursor of a textual or Core statement is one of a sync driver, which has nothing to await at its end."""

        async def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
            # As AsyncSession.execute() does, so that eager loads are done when it returns.
            options["execution_options"] = {"prebuffer_rows": True, **(options.get("execution_options") or {})}
            return await greenlet_spawn(partial(self.sync_session.execute, statement, params, **options))

    return OnSyncEngine(sync_session_class=lambda **_: found)  # type: ignore[arg-type]


def _manager(override: Callable[..., Any]) -> Callable[..., AbstractAsyncContextManager[Any]]:
    if inspect.isasyncgenfunction(override):
        return asynccontextmanager(override)

    @asynccontextmanager
    async def returned(*arguments: Any, **keywords: Any) -> AsyncGenerator[Any, None]:
        if inspect.isgeneratorfunction(override):
            with contextmanager(override)(*arguments, **keywords) as session:
                yield session
            return
        result = override(*arguments, **keywords)
        yield await result if inspect.isawaitable(result) else result

    return returned


def _signature(override: Callable[..., Any]) -> inspect.Signature:
    """The parameters of *override*, with annotations that mean the same outside of its module."""
    signature = inspect.signature(override)
    try:
        hints = typing.get_type_hints(override, include_extras=True)
    except (NameError, TypeError, AttributeError):
        return signature
    parameters = [p.replace(annotation=hints.get(name, p.annotation)) for name, p in signature.parameters.items()]
    return signature.replace(parameters=parameters)


@contextmanager
def _asynchronous(session: Session) -> Iterator[AsyncSession]:
    expires = session.expire_on_commit
    committed = False

    def note_commit(_: Session) -> None:
        nonlocal committed
        committed = committed or not session.in_nested_transaction()

    # What the tests have let expire, a user for one whom another override hands out, is no concern of the application.
    theirs: set[Any] = {state for state in session.identity_map.all_states() if state.expired_attributes}

    def refuse(execution: ORMExecuteState) -> None:
        options: Any = execution.load_options if execution.is_column_load else None
        refreshed = options._refresh_state if options is not None else None
        if refreshed in theirs:
            theirs.discard(refreshed)
        else:
            _refuse_outside_of_await(execution)

    session.expire_on_commit = False
    event.listen(session, "after_commit", note_commit)
    event.listen(session, "do_orm_execute", refuse)
    try:
        yield async_session(session)
    finally:
        event.remove(session, "do_orm_execute", refuse)
        event.remove(session, "after_commit", note_commit)
        session.expire_on_commit = expires
        # The session may outlive the request, in a block that the tests commit.
        session.info.pop(DISCARDS, None)
        if expires and committed:
            # The tests read again what the request has committed, as they did before.
            for state in session.identity_map.all_states():
                if not state.modified and (loaded := state.obj()) is not None:
                    session.expire(loaded)


def _refuse_outside_of_await(execution: ORMExecuteState) -> None:
    if not (execution.is_column_load or execution.is_relationship_load):
        return
    if in_greenlet():
        return
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise MissingGreenlet(
        "An attribute has to be loaded, and nothing awaits it: with a session of an async engine this fails as well. "
        "Load it with the object (selectinload, joinedload), or with await session.refresh(object, [name])."
    )
