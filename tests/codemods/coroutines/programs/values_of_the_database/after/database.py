"""The shim of an application whose sessions are SQLModel's."""

from typing import TYPE_CHECKING

from alchemove import LegacyDatabase
from sqlmodel import Session

from session import database

legacy = LegacyDatabase(database, class_=Session)
legacy.export(__name__, get_db="session.get_session")

if TYPE_CHECKING:
    from collections.abc import Iterator

    def get_db() -> Iterator[Session]: ...
