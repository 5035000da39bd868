"""The names of a legacy database module, with their legacy meaning, on top of a :class:`~alchemove.Database`.

The whole of a legacy ``app/database.py`` becomes::

    from alchemove import LegacyDatabase
    from app.db.session import database

    legacy = LegacyDatabase(database, autoflush=False)
    legacy.export(
        __name__,
        engine="app.db.session.database.sync_engine",
        SessionLocal="app.db.session.get_sync_session",
        get_db="app.db.session.get_session",
        get_db_connection="session.execute(text(...))",
        Base=("app.models.base:Base", "app.models.base.Base"),
    )

Old code keeps running on it, on the same pool as new code, and every use is warned about and counted.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker

from alchemove.deprecated import Lazy, Legacy, deprecated_exports
from alchemove.frames import application_site

if TYPE_CHECKING:
    from alchemove.psycopg2_connection import PooledConnection

# What is made on first use; the others are functions.
_MADE = frozenset({"engine", "SessionLocal", "Base"})
_FUNCTIONS = frozenset({"get_db", "get_session", "get_db_session", "get_db_connection"})


class HasSyncEngine(Protocol):
    """What the shim needs of a ``Database``."""

    @property
    def sync_engine(self) -> Engine:
        """The engine that new code uses."""
        ...


class LegacyDatabase:
    """The legacy names of one database.

    Args:
        database: The ``Database`` that new code uses, or an engine. Nothing is made before it is used.
        class_: The class of the legacy sessions: ``sqlmodel.Session``, for instance. Default: SQLAlchemy's, or for a
            database with tenants one that tells the server its tenant.
        session_options: What the legacy ``sessionmaker(...)`` was given besides ``bind``: ``autoflush=False`` decides
            what a query sees, so it has to stay as it was.
    """

    def __init__(
        self,
        database: HasSyncEngine | Engine,
        *,
        class_: type[Session] | None = None,
        **session_options: Any,
    ) -> None:
        self._database = database
        self._class = class_
        self._options = session_options
        self._module: str | None = None
        self._known_as: dict[str, str] = {}

    def export(self, module: str, /, **names: str | tuple[object, str]) -> None:
        """Let *module* export legacy names; see :func:`alchemove.deprecated_exports`.

        Args:
            module: The module's name, ``__name__``.
            names: For each of this class's names that the module exported, what takes its place; for any other
                name, what it stands for (an object, an import path, or the one of this class's names that it is
                another name for) and what takes its place: ``get_database=("get_db", "app.db.session.get_session")``.

        Raises:
            ValueError: a name is none of this class's and comes without what it stands for, or the module still
                defines it.
        """
        entries = {name: self._entry(name, entry) for name, entry in names.items()}
        deprecated_exports(module, entries)
        self._module = module

    def _entry(self, name: str, entry: str | tuple[object, str]) -> Legacy:
        if not isinstance(entry, str):
            target, replacement = entry
            if not isinstance(target, str) or target not in _MADE | _FUNCTIONS:
                return Legacy(target, replacement)
            self._known_as[target] = name
            name, entry = target, replacement
        if name in _MADE:
            return Legacy(Lazy(lambda: getattr(self, name)), entry)
        if name in _FUNCTIONS:
            return Legacy(getattr(self, name), entry)
        known = ", ".join(sorted(_MADE | _FUNCTIONS))
        raise ValueError(
            f"{name!r} is none of the legacy names ({known}). Say what it stands for and what takes its place: "
            f"{name}=(object or 'package.module:name', {entry!r})."
        )

    def _current(self, name: str, own: str) -> Any:
        """The value of *name* in the shim's module where a test has replaced it, as legacy functions look it up."""
        if self._module is not None:
            replaced = vars(sys.modules[self._module])
            known_as = self._known_as.get(name, name)
            if known_as in replaced:
                return replaced[known_as]
        return getattr(self, own)

    @property
    def engine(self) -> Engine:
        """The sync engine of the database, or what a test has put in its place in the module."""
        engine: Engine = self._current("engine", "_own_engine")
        return engine

    @property
    def SessionLocal(self) -> sessionmaker[Any]:  # noqa: N802
        """The legacy session factory, or what a test has put in its place in the module."""
        factory: sessionmaker[Any] = self._current("SessionLocal", "_own_factory")
        return factory

    @cached_property
    def _own_engine(self) -> Engine:
        engine = self._database if isinstance(self._database, Engine) else self._database.sync_engine
        if engine.dialect.driver == "psycopg2":
            from alchemove.psycopg2_connection import install

            # Early, so that a session's transaction can be joined by get_db_connection(session).
            install(engine)
        return engine

    @cached_property
    def _own_factory(self) -> sessionmaker[Any]:
        class_ = self._class
        options: dict[str, Any] = {**self._options}
        if class_ is None and getattr(self._database, "tenants", False):
            from alchemove.sessions import TenantSession

            # A legacy session may be used again after close(): it begins anew.
            class_ = TenantSession
            options.setdefault("close_resets_only", True)
        return sessionmaker(bind=self._own_engine, class_=class_ or Session, **options)

    @cached_property
    def Base(self) -> Any:  # noqa: N802
        """A ``declarative_base()``, for an application whose legacy module is the only home of its base class."""
        return declarative_base()

    def get_db(self) -> Iterator[Session]:
        """A session that its user commits, closed at the end: the legacy FastAPI dependency.

        There is no transaction block around it: legacy code calls ``commit()`` and goes on with ``refresh()``, which
        a block would refuse.
        """
        session: Session = self.SessionLocal()
        try:
            yield session
        finally:
            session.close()

    def get_session(self) -> Iterator[Session]:
        """The same under the name of the SQLModel tutorial: ``with Session(engine) as session: yield session``."""
        factory, engine = self.SessionLocal, self.engine
        with factory() if engine is self._own_engine else factory(bind=engine) as session:
            yield session

    @contextmanager
    def get_db_session(self) -> Generator[Session, None, None]:
        """A session that commits at the end of the block and rolls back when the block raises.

        The block may commit in between.
        """
        session: Session = self.SessionLocal()
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()

    def get_db_connection(self, session: Session | None = None) -> PooledConnection:
        """A psycopg2 connection from the pool of the engine, on which old code works unchanged.

        Args:
            session: a sync session in whose transaction the connection takes part; see
                :func:`alchemove.psycopg2_connection.take`.

        Raises:
            RuntimeError: the engine does not use psycopg2.
        """
        from alchemove.psycopg2_connection import take

        return take(self._own_engine, session, application_site(sys._getframe(1)))
