"""A rollback behind which objects can still be read where nothing can be loaded: in a coroutine."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import inspect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import InstanceState, Session


def rollback_and_reload(session: Session) -> None:
    """Roll back, and load again at once what the program still holds of *session*.

        await session.run_sync(rollback_and_reload)

    `Session.rollback()` expires all objects of the session, and each is loaded again when it is read. An AsyncSession cannot
    load it then, so that is done here: for each object that is still there its columns, and the relationships that were loaded
    before, with one SELECT for its columns and one for each relationship, as if each had been read. Objects that the rollback makes
    transient keep their values. An object whose row is gone stays expired.

    Args:
        session: a sync session, or the one that is inside of an AsyncSession, inside of `run_sync`.

    Raises:
        sqlalchemy.exc.DBAPIError: where the database fails to roll back, or to load.

    Source: https://docs.sqlalchemy.org/en/20/orm/session_basics.html#rolling-back
    """
    # The list keeps alive what only a relationship reaches that the rollback empties.
    held = list(session.identity_map.values())
    loaded = {state: _loaded(state) for state in map(_state, held)}
    session.rollback()
    for instance in list(session):
        state = _state(instance)
        _load(instance, state, {**_columns(state), **loaded.get(state, {})})


def _state(instance: object) -> InstanceState[Any]:
    return cast("InstanceState[Any]", inspect(instance))


def _loaded(state: InstanceState[Any]) -> dict[str, None]:
    """The attributes of an object that are loaded, in the order of its mapper."""
    return {name: None for name in state.mapper.attrs.keys() if name in state.dict}  # noqa: SIM118 (no dictionary)


def _columns(state: InstanceState[Any]) -> dict[str, None]:
    """The expired columns of an object that reading one of them loads."""
    return {p.key: None for p in state.mapper.column_attrs if not p.deferred and p.key in state.expired_attributes}


def _load(instance: object, state: InstanceState[Any], names: dict[str, None]) -> None:
    for name in names:
        if name in state.dict:
            continue
        try:
            getattr(instance, name)
        except InvalidRequestError:
            # The row is gone, or ``lazy="raise"``: it raises again where it is read.
            continue
