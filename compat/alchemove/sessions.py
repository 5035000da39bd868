"""The sessions that a `Database` hands out: a `Session` that refuses false success, and that knows its tenant.

All behaviour lives in the sync class, which `AsyncSession` drives through ``sync_session_class``; events on
``AsyncSession`` itself are refused by SQLAlchemy.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from sqlalchemy.orm.unitofwork import UOWTransaction

from alchemove import tenants
from alchemove.errors import SwallowedError

_FAILED = "alchemove.failed"
_WROTE = "alchemove.wrote"
# What changes nothing by itself: queries, and the savepoints around them. Anything else counts as a write.
_READS = re.compile(r"\s*(?:SELECT|SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK TO SAVEPOINT)\b", re.IGNORECASE)


class ManagedSession(Session):
    """The session of ``session()``, ``sync_session()`` and ``get_session``.

    It differs from SQLAlchemy's in three points. After the end of its block it raises, where a plain session silently
    begins anew (``close_resets_only=False``); one that is closed before begins anew, too. It refuses to commit a
    transaction in which a statement failed outside a savepoint and something was written: PostgreSQL would answer the
    COMMIT with a ROLLBACK, and no driver reports that. And a tenant that is in scope is an error here rather than without effect; see
    `TenantSession`.
    """

    _alchemove_connections: list[Connection]
    # While its block goes on.
    _alchemove_inside = False

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("close_resets_only", False)
        super().__init__(*args, **options)
        self._alchemove_connections = []

    def close(self) -> None:
        """End it for good, or inside of its block as legacy code does: what it holds is let go, and it can be used again."""
        if self._alchemove_inside:
            self.reset()
        else:
            super().close()

    def _alchemove_tell_tenant(self, connection: Connection) -> None:
        del connection
        tenants.refuse_if_in_scope()


def begin_block(session: Session) -> None:
    """Until `end_block`, to close *session* lets go of what it holds, and no more."""
    if isinstance(session, ManagedSession):
        session._alchemove_inside = True


def end_block(session: Session) -> None:
    """From now on, to close *session* ends it for good."""
    if isinstance(session, ManagedSession):
        session._alchemove_inside = False


class TenantSession(ManagedSession):
    """A session of a database with row-level security: each of its transactions says whose rows it may see.

    Args:
        *args: what `Session` takes.
        tenant: the tenant of this session, whatever is in scope; left out, the one of `tenant_scope`.
        **options: what `Session` takes.
    """

    _alchemove_tenant: str | None

    def __init__(self, *args: Any, tenant: tenants.Tenant | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._alchemove_explicit = tenants.as_text(tenant) if tenant is not None else None
        self._alchemove_tenant = None

    def _alchemove_tell_tenant(self, connection: Connection) -> None:
        self._alchemove_tenant = self._alchemove_explicit or tenants.current_tenant()
        connection.execute(tenants.SET_TENANT, {"tenant": self._alchemove_tenant or ""})

    def _alchemove_check_tenant(self) -> None:
        if self._alchemove_explicit is None and self._alchemove_connections:
            tenants.require_same(self._alchemove_tenant, tenants.current_tenant())


@event.listens_for(ManagedSession, "after_begin")
def _begun(session: ManagedSession, transaction: SessionTransaction, connection: Connection) -> None:
    # Not whether the connection is in a savepoint: a test may hand over one that is.
    if transaction.nested:
        return
    connection.info.pop(_FAILED, None)
    connection.info.pop(_WROTE, None)
    session._alchemove_connections.append(connection)
    session._alchemove_tell_tenant(connection)


@event.listens_for(ManagedSession, "after_transaction_end")
def _ended(session: ManagedSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session._alchemove_connections.clear()


@event.listens_for(ManagedSession, "before_commit")
def _refuse_false_success(session: ManagedSession) -> None:
    if session.in_nested_transaction():
        return
    for connection in session._alchemove_connections:
        if connection.closed or connection.invalidated:
            continue
        failure = connection.info.get(_FAILED)
        if failure is None or _WROTE not in connection.info:
            # Where everything was only read, nothing is lost: whoever swallowed the exception may go on.
            continue
        try:
            # Whoever writes ROLLBACK TO SAVEPOINT as text has repaired the transaction; the server knows.
            connection.exec_driver_sql("SELECT 1")
        except DBAPIError:
            raise SwallowedError(
                f"This transaction cannot be committed: a statement in it failed ({failure}) and the exception was "
                "swallowed, so the server would roll everything back and report success. Run what may fail inside "
                "session.begin_nested(), or call rollback()."
            ) from None


@event.listens_for(TenantSession, "do_orm_execute")
def _same_tenant(state: ORMExecuteState) -> None:
    session = state.session
    assert isinstance(session, TenantSession)
    session._alchemove_check_tenant()


@event.listens_for(TenantSession, "before_flush")
def _same_tenant_in_flush(session: TenantSession, _: UOWTransaction, __: object) -> None:
    session._alchemove_check_tenant()


def remember_failures(engine: Engine) -> None:
    """Let `ManagedSession` know of statements that failed inside a transaction of this engine."""
    if engine.dialect.name == "postgresql":
        event.listen(engine, "handle_error", _remember_failure)
        event.listen(engine, "before_cursor_execute", _remember_write)


def _remember_write(connection: Connection, _: object, statement: str, *__: object) -> None:
    if not _READS.match(statement):
        connection.info[_WROTE] = True


def _remember_failure(context: ExceptionContext) -> None:
    connection = context.connection
    if (
        connection is None
        or context.is_disconnect
        or connection.invalidated
        or connection.closed
        or not connection.in_transaction()
        # Releasing the savepoint of a failed statement fails by itself.
        or connection.in_nested_transaction()
    ):
        return
    connection.info[_FAILED] = type(context.original_exception).__name__
