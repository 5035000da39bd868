"""How a session ends: committed, or rolled back and closed, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

from alchemove.sessions import begin_block, end_block

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

# The name under which applications set levels and handlers.
_log = logging.getLogger("alchemove.database")
_endings: set[asyncio.Task[None]] = set()
# Seconds to wait for other tasks that use a session which ends, and SQLAlchemy's code for "used by another task".
_PATIENCE = 5.0
_CONCURRENT = "isce"
# The key in Session.info.
DISCARDS = "alchemove.discard_uncommitted"
# False until the block is over.
AFTERWARDS = "alchemove.after_request"


def discard_uncommitted(session: AsyncSession | Session) -> None:
    """What the block or request has not committed itself when it ends is rolled back, not committed.

        @app.post("/drafts/preview")
        async def preview(body: DraftIn, session: SessionDep) -> DraftOut:
            discard_uncommitted(session)
            ...

    As with a dependency that only closes its session: ``commit()`` is then needed for everything that is to stay.

    Args:
        session: a session of `Database.session`, `Database.sync_session` or `Database.get_session`; on one that the
            application ends itself this has no effect.
    """
    session.info[DISCARDS] = True


def discards(session: AsyncSession | Session) -> bool:
    """Whether *session* rolls back at its end."""
    return DISCARDS in session.info


def keep(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task for *work* that is not collected before it is done, although nobody may await it."""
    task = asyncio.get_running_loop().create_task(work)
    _endings.add(task)
    task.add_done_callback(_endings.discard)
    return task


class SessionBlock:
    """``async with`` around one session.

    A class, because an event loop that shuts down closes all async generators at the same time, those inside one
    another too, and Python cannot do that.
    """

    __slots__ = ("_session",)

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def __aenter__(self) -> AsyncSession:
        begin_block(self._session.sync_session)
        return self._session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        session = self._session
        if AFTERWARDS in session.info:
            session.info[AFTERWARDS] = True
        if kind is None and discards(session):
            # As a legacy session that is only closed: its objects keep what they have, for a background task that reads them.
            await end(session, roll_back=False)
        elif kind is None:
            try:
                await session.commit()
            except BaseException:
                await end(session)
                raise
            if session.in_transaction():
                # A hook of the application began something after the commit.
                await end(session)
            else:
                # Nothing is left to await.
                end_block(session.sync_session)
                (session.sync_session.reset if AFTERWARDS in session.info else session.sync_session.close)()
        else:
            await end(session)


async def end(session: AsyncSession, *, roll_back: bool = True) -> None:
    """Roll back and close, also where the task is being cancelled: each further await there would raise at once."""
    await asyncio.shield(keep(_roll_back_and_close(session, roll_back)))


async def _roll_back_and_close(session: AsyncSession, roll_back: bool) -> None:
    # Other tasks may still be inside the session (asyncio.gather() on one session goes on after the first error): let
    # them come back, or their connection would not.
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    while True:
        try:
            await _try_to_roll_back_and_close(session, roll_back)
        except InvalidRequestError as busy:
            if busy.code != _CONCURRENT or asyncio.get_running_loop().time() > deadline:
                # The exception that ended the block says more.
                _log.warning("A session could not be closed: it is still used by another task", exc_info=True)
                return
            await asyncio.sleep(0.01)
        else:
            return


async def _try_to_roll_back_and_close(session: AsyncSession, roll_back: bool) -> None:
    try:
        if roll_back:
            # What an exception handler or a middleware reads of them has not expired, as if the session were only closed.
            session.expunge_all()
        await (session.rollback() if roll_back else _close(session))
    except Exception as error:
        if isinstance(error, InvalidRequestError) and error.code == _CONCURRENT:
            raise
        _log.warning("A session could not be rolled back; its connection is given up", exc_info=True)
        try:
            await session.invalidate()
        finally:
            await _close(session)
    else:
        if roll_back:
            await _close(session)


async def _close(session: AsyncSession) -> None:
    """For ever, but where a background task goes on with it."""
    end_block(session.sync_session)
    await (session.reset() if AFTERWARDS in session.info else session.close())


def roll_back(session: Session) -> None:
    """Roll back without hiding the exception that is on its way: a server that went away refuses this too."""
    try:
        session.rollback()
    except Exception:  # noqa: BLE001 - logged; the caller's exception says more
        _log.warning("A session could not be rolled back; its connection is given up", exc_info=True)
        session.invalidate()
