"""Row-level security: each transaction tells PostgreSQL for which tenant it works.

The tenant is set with ``set_config(..., true)``, for the transaction only. With ``false`` it would stay on the
connection, for the next checkout of the pool, or through PgBouncer for another client.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol
from uuid import UUID

from sqlalchemy import text

from alchemove.errors import TenantError

Tenant = str | int | UUID

TENANT_SETTING = "app.current_tenant_id"
SET_TENANT = text(f"SELECT set_config('{TENANT_SETTING}', :tenant, true)")

_current: ContextVar[str | None] = ContextVar("alchemove_tenant", default=None)


@contextmanager
def tenant_scope(tenant: Tenant | None) -> Iterator[None]:
    """Work for one tenant: every transaction that a session begins inside sees only that tenant's rows.

    A context variable holds the tenant, so it reaches tasks and threads started through asyncio and anyio, and one
    request never sees another's. Use ``with`` in sync and in async code.

    Args:
        tenant: the tenant's id; ``None`` for none, also inside another scope.

    Raises:
        TenantError: the id is empty.
    """
    token = _current.set(None if tenant is None else as_text(tenant))
    try:
        yield
    finally:
        _current.reset(token)


def set_current_tenant(tenant: Tenant | None) -> None:
    """The same without an end, for a middleware or dependency whose context ends with the request."""
    _current.set(None if tenant is None else as_text(tenant))


def current_tenant() -> str | None:
    """The tenant in scope, as text."""
    return _current.get()


def as_text(tenant: Tenant) -> str:
    """The id as the server gets it."""
    written = str(tenant)
    if not written:
        raise TenantError("The tenant id is empty, which would mean: no tenant. Pass None for that.")
    return written


def refuse_if_in_scope() -> None:
    """For sessions of a database that was not told about tenants."""
    tenant = _current.get()
    if tenant is not None:
        raise TenantError(
            f"tenant_scope({tenant!r}) has no effect on this session: make the database with "
            "Database(..., tenants=True)."
        )


def require_same(begun: str | None, current: str | None) -> None:
    """For a transaction that goes on in another scope than it began in."""
    if begun != current:
        raise TenantError(
            f"This session's transaction began for tenant {begun!r}, and is used for tenant {current!r}. The server "
            "would answer with the first one's rows. Open a session inside the scope, or commit before it."
        )


class _Operations(Protocol):
    def execute(self, sqltext: str, /) -> object: ...


def enable_row_security(
    operations: _Operations,
    table: str,
    *,
    column: str = "tenant_id",
    schema: str | None = None,
    column_type: str = "uuid",
) -> None:
    """Write the policy of a table, in the ``upgrade()`` of a migration.

    The policy is FORCEd, because the owner of a table, which is usually the role of the application, would bypass it.
    It reads the setting through NULLIF: once a connection has used the setting, an unset one is ``''`` and not NULL,
    and ``''::uuid`` is an error. Rows without a tenant, and transactions without one, match nothing.

    Args:
        operations: ``alembic.op``, or anything with ``execute(sql)``.
        table: the table's name.
        column: the column that holds the tenant.
        schema: the table's schema, where it is not the default one.
        column_type: the column's type, to which the setting is cast, so that an index on the column is used.
    """
    target = _name(table, schema)
    policy = _quote(f"{table}_tenant")
    own = f"{_quote(column)} = NULLIF(current_setting('{TENANT_SETTING}', true), '')::{_type(column_type)}"
    operations.execute(f"ALTER TABLE {target} ENABLE ROW LEVEL SECURITY")
    operations.execute(f"ALTER TABLE {target} FORCE ROW LEVEL SECURITY")
    operations.execute(f"CREATE POLICY {policy} ON {target} USING ({own}) WITH CHECK ({own})")


def disable_row_security(operations: _Operations, table: str, *, schema: str | None = None) -> None:
    """Take the policy away again, in the ``downgrade()`` of a migration."""
    target = _name(table, schema)
    operations.execute(f"DROP POLICY {_quote(f'{table}_tenant')} ON {target}")
    operations.execute(f"ALTER TABLE {target} NO FORCE ROW LEVEL SECURITY")
    operations.execute(f"ALTER TABLE {target} DISABLE ROW LEVEL SECURITY")


def _name(table: str, schema: str | None) -> str:
    return _quote(table) if schema is None else f"{_quote(schema)}.{_quote(table)}"


def _quote(identifier: str) -> str:
    escaped = identifier.replace('"', '""')
    return f'"{escaped}"'


def _type(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_ ]*(\(\d+(,\s*\d+)?\))?", name, re.IGNORECASE):
        raise TenantError(f"{name!r} is not the name of a type. Pass for example uuid, integer or text.")
    return name
