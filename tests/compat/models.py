"""What the tests of the runtime half store."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    """Its constraint is checked at the commit, not at the statement: that is how commits fail."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("name", deferrable=True, initially="DEFERRED"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Entry(Base):
    """Its constraints are checked at the statement."""

    __tablename__ = "entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    label: Mapped[str] = mapped_column(unique=True)


class LiteBase(DeclarativeBase):
    """SQLite knows no deferred unique constraint."""


class Note(LiteBase):
    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(unique=True)
