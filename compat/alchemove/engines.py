"""How the two engines are made from one `Settings`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import QueuePool, StaticPool

from alchemove.comparisons import read_texts_as_compared
from alchemove.driver_errors import raise_errors_of_psycopg2
from alchemove.parameters import take_values_of_psycopg2
from alchemove.sessions import remember_failures
from alchemove.settings import Settings
from alchemove.several_statements import split_statements
from alchemove.sync_pool import SyncPool
from alchemove.untyped import write_untyped_values
from alchemove.urls import Target, async_target, is_sqlite, sync_target

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


def make_sync_engine(settings: Settings, **options: Any) -> Engine:
    """The sync engine: SQLAlchemy's queue pool with the settings as they are.

    Args:
        settings: where to and how many.
        **options: what `create_engine` takes; they win.
    """
    target = sync_target(settings.url)
    chosen: dict[str, Any] = {"echo": settings.echo}
    if target.memory:
        # One connection for all threads: with a connection for each, each would have a database of its own.
        chosen |= {"poolclass": StaticPool}
        target.connect_args["check_same_thread"] = False
    else:
        chosen |= {
            "poolclass": SyncPool,
            "pool_size": settings.pool_size,
            "max_overflow": settings.max_overflow,
            "pool_timeout": settings.pool_timeout,
            "pool_recycle": settings.pool_recycle,
            "pool_pre_ping": settings.pool_pre_ping,
        }
    if settings.pgbouncer and target.url.get_driver_name() == "psycopg":
        target.connect_args.setdefault("prepare_threshold", None)
    engine = create_engine(target.url, **_merged(chosen, target, options))
    remember_failures(engine)
    if engine.dialect.driver == "psycopg2":
        from alchemove.psycopg2_connection import install

        # From the first connection on, so that get_db_connection(session) works whatever the session did before.
        install(engine)
    return engine


def make_async_engine(settings: Settings, **options: Any) -> AsyncEngine:
    """The async engine: as many connections as the sync one may open, all kept, first come, first served.

    Args:
        settings: where to and how many.
        **options: what `create_async_engine` takes; they win.
    """
    # greenlet comes with sqlalchemy[asyncio] only; an application that stays sync does without.
    from sqlalchemy.ext.asyncio import create_async_engine

    from alchemove.pool import LoopPool

    target = async_target(settings.url)
    chosen: dict[str, Any] = {"echo": settings.echo}
    if not target.memory:
        chosen |= {
            "poolclass": LoopPool,
            "pool_size": settings.pool_size,
            "max_overflow": settings.max_overflow,
            "pool_timeout": settings.pool_timeout,
            "pool_recycle": settings.pool_recycle,
            "pool_pre_ping": settings.pool_pre_ping,
        }
    if settings.pgbouncer and not is_sqlite(target.url):
        _suit_pgbouncer(target)
    if target.url.get_driver_name() == "asyncpg":
        # As texts, like those of psycopg2.
        chosen["native_inet_types"] = False
    engine = create_async_engine(target.url, **_merged(chosen, target, options))
    remember_failures(engine.sync_engine)
    if engine.dialect.driver == "asyncpg":
        take_values_of_psycopg2(engine.sync_engine)
        read_texts_as_compared(engine.sync_engine)
        write_untyped_values(engine.sync_engine)
        split_statements(engine.sync_engine)
        raise_errors_of_psycopg2(engine.sync_engine)
    return engine


def _suit_pgbouncer(target: Target) -> None:
    """Transaction pooling hands each transaction another server connection, which knows no prepared statement."""
    if target.url.get_driver_name() == "asyncpg":
        # Unnamed statements leave nothing behind. The recipe with unique names and NullPool leaves stale ones.
        target.connect_args.update(
            statement_cache_size=0, prepared_statement_cache_size=0, prepared_statement_name_func=_no_name
        )
    else:
        target.connect_args["prepare_threshold"] = None


def _no_name() -> str:
    return ""


def _merged(chosen: dict[str, Any], target: Target, options: dict[str, Any]) -> dict[str, Any]:
    merged = {**chosen, **options}
    poolclass = options.get("poolclass")
    if poolclass is not None and not issubclass(poolclass, QueuePool):
        # NullPool and others refuse the arguments of a queue.
        for name in ("pool_size", "max_overflow", "pool_timeout"):
            if name not in options:
                merged.pop(name, None)
    merged["connect_args"] = {**target.connect_args, **options.get("connect_args", {})}
    return merged
