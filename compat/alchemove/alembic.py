"""The whole body of an Alembic ``env.py``.

    from alchemove.alembic import run
    from app.models import Base

    run(Base.metadata)

One file serves sync and async URLs, offline mode, a call from inside a running event loop (an application that migrates
when it starts, a test), passwords with ``%``, and SQLite, where tables are altered in batch mode.
"""

from __future__ import annotations

import asyncio
import configparser
import inspect
import threading
from collections.abc import Sequence
from contextvars import copy_context
from logging.config import fileConfig
from typing import Any

from alembic import context
from sqlalchemy import URL, Connection, MetaData, create_engine
from sqlalchemy.pool import NullPool

from alchemove.errors import SettingsError, UrlError
from alchemove.settings import Settings, parse_url
from alchemove.urls import async_target, is_sqlite, sync_target

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""For ``MetaData(naming_convention=NAMING_CONVENTION)``: a constraint without a name cannot be dropped everywhere."""


class AsyncMigrationError(RuntimeError):
    """A migration tries to do async work; migrations are sync, also on an async URL."""


def run(
    target_metadata: MetaData | Sequence[MetaData] | None,
    *,
    url: str | URL | None = None,
    **options: Any,
) -> None:
    """Run what the ``alembic`` command, or `alembic.command`, asked for.

    The database is, in this order: the connection in ``config.attributes["connection"]``; ``url``; ``sqlalchemy.url``
    of the configuration, unless it is the placeholder of Alembic's template; ``DATABASE_URL`` (`Settings.from_env`).

    Args:
        target_metadata: the tables of the application, for autogenerate. Its naming convention names constraints.
        url: the URL of the database.
        **options: more options for ``context.configure``; they win.

    Raises:
        SettingsError: no URL was found, or it cannot be used.
        AsyncMigrationError: a migration is ``async def``, or runs an event loop.
    """
    config = context.config
    if config.config_file_name is not None and getattr(config, "cmd_opts", None) is not None:
        # Only for the command: an application that migrates itself has set up its own logging.
        _configure_logging(config.config_file_name)
    given = config.attributes.get("connection")
    if isinstance(given, Connection) and not context.is_offline_mode():
        _migrate(given, target_metadata, options)
        return
    database = Settings(url=parse_url(url)).url if url is not None else _configured_url(config)
    if context.is_offline_mode():
        _offline(database, target_metadata, options)
        return
    _in_new_loop(database, target_metadata, options)


def _configure_logging(path: str) -> None:
    parser = configparser.RawConfigParser()
    parser.read(path, encoding="utf-8")
    if parser.has_section("loggers"):
        fileConfig(path, disable_existing_loggers=False)


def _configured_url(config: Any) -> URL:
    try:
        text = config.get_main_option("sqlalchemy.url")
    except configparser.InterpolationError:
        # A % that nobody doubled: a percent-encoded password, pasted into alembic.ini.
        text = config.file_config.get(config.config_ini_section, "sqlalchemy.url", raw=True)
    if text and not text.startswith("driver://"):
        return Settings(url=parse_url(text)).url
    try:
        return Settings.from_env().url
    except SettingsError as error:
        raise SettingsError(
            f"Alembic does not know which database: {error} (or sqlalchemy.url in alembic.ini, or "
            "alchemove.alembic.run(..., url=...))"
        ) from None


def _offline(database: URL, target_metadata: Any, options: dict[str, Any]) -> None:
    settings: dict[str, Any] = {
        "dialect_name": "sqlite" if is_sqlite(database) else "postgresql",
        "target_metadata": target_metadata,
        "literal_binds": True,
        "render_as_batch": is_sqlite(database),
        **options,
    }
    context.configure(**settings)
    with context.begin_transaction():
        _refuse_async_migrations()
        context.run_migrations()


def _in_new_loop(database: URL, target_metadata: Any, options: dict[str, Any]) -> None:
    """Run inside a fresh event loop, also for sync drivers: so a migration that runs a loop of its own is caught.

    It would work on another connection, outside of the migration's transaction, and wait for its locks for ever.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(_online(database, target_metadata, options))
        return
    # Inside a running loop asyncio.run is refused; in a thread it is not.
    failure: list[BaseException] = []
    variables = copy_context()

    def work() -> None:
        try:
            variables.run(asyncio.run, _online(database, target_metadata, options))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            failure.append(error)

    thread = threading.Thread(target=work, name="alchemove-alembic")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


async def _online(database: URL, target_metadata: Any, options: dict[str, Any]) -> None:
    if not _is_async(database):
        target = sync_target(database)
        engine = create_engine(target.url, poolclass=NullPool, connect_args=target.connect_args)
        with engine.connect() as connection:
            _migrate(connection, target_metadata, options)
        engine.dispose()
        return
    from sqlalchemy.ext.asyncio import create_async_engine

    target = async_target(database)
    async_engine = create_async_engine(target.url, poolclass=NullPool, connect_args=target.connect_args)
    async with async_engine.connect() as async_connection:
        await async_connection.run_sync(_migrate, target_metadata, options)
    await async_engine.dispose()


def _is_async(database: URL) -> bool:
    """The driver that the URL names decides, and where it names none, which one is installed."""
    driver = database.drivername.partition("+")[2]
    if driver:
        return driver in {"asyncpg", "aiosqlite", "psycopg_async"}
    try:
        sync_target(database)
    except UrlError:
        return True
    return False


def _migrate(connection: Connection, target_metadata: Any, options: dict[str, Any]) -> None:
    settings: dict[str, Any] = {
        "connection": connection,
        "target_metadata": target_metadata,
        "render_as_batch": connection.dialect.name == "sqlite",
        **options,
    }
    context.configure(**settings)
    try:
        with context.begin_transaction():
            _refuse_async_migrations()
            context.run_migrations()
    except RuntimeError as error:
        if "event loop" in str(error):
            raise AsyncMigrationError(
                f"A migration runs an event loop of its own ({error}). Migrations are sync, also on an async URL: use "
                "op.execute(), or op.get_bind() and a sync Session on it, which share the migration's transaction."
            ) from error
        raise


def _refuse_async_migrations() -> None:
    for revision in context.script.walk_revisions():
        for name in ("upgrade", "downgrade"):
            if inspect.iscoroutinefunction(getattr(revision.module, name, None)):
                raise AsyncMigrationError(
                    f"{revision.path}: {name}() is async. Alembic would call it, not await it, and mark the revision "
                    "as done with nothing done. Make it a plain function: op.execute() works on async URLs too."
                )
