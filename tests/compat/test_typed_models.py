"""Models as dataclasses: what their defaults do to rows, and the form that does what a plain mapping does."""

from __future__ import annotations

import pytest
import sqlalchemy
from sqlalchemy import Engine, ForeignKey, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, Session, mapped_column, relationship

from alchemove import lazy_loads
from alchemove.database import Database

VERSION = tuple(int(part) for part in sqlalchemy.__version__.split(".")[:2])


class PlainBase(DeclarativeBase):
    pass


class PlainUser(PlainBase):
    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(primary_key=True)


class PlainPost(PlainBase):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    user: Mapped[PlainUser | None] = relationship()


class NaiveBase(MappedAsDataclass, DeclarativeBase):
    pass


class NaiveUser(NaiveBase):
    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    posts: Mapped[list[NaivePost]] = relationship(back_populates="user", default_factory=list)


class NaivePost(NaiveBase):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    user: Mapped[NaiveUser | None] = relationship(back_populates="posts", default=None)


class SafeBase(MappedAsDataclass, DeclarativeBase, eq=False, kw_only=True):
    pass


class SafeUser(SafeBase):
    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    posts: Mapped[list[SafePost]] = relationship(back_populates="user", init=False, repr=False)


class SafePost(SafeBase):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), default=None)
    user: Mapped[SafeUser | None] = relationship(back_populates="posts", init=False, repr=False)


@pytest.fixture
def users(database: Database) -> Engine:
    PlainBase.metadata.create_all(database.sync_engine)
    with database.sync_session() as session:
        session.add(PlainUser(id=1))
    return database.sync_engine


def written(engine: Engine, post: object) -> list[int | None]:
    with Session(engine) as session:
        session.add(post)
        session.commit()
        return list(session.scalars(text("SELECT user_id FROM post")))


def test_a_foreign_key_is_written_as_it_was_given(users: Engine) -> None:
    assert written(users, PlainPost(user_id=1)) == [1]


def test_the_recommended_dataclass_writes_it_too(users: Engine) -> None:
    assert written(users, SafePost(user_id=1)) == [1]


def test_the_default_none_of_a_relationship_writes_null_into_the_foreign_key_on_20(users: Engine) -> None:
    """The naive version of the tests above; since 2.1 such a default sets nothing."""
    assert written(users, NaivePost(user_id=1)) == ([None] if VERSION < (2, 1) else [1])


def test_the_default_repr_and_eq_read_relationships_and_the_recommended_form_does_not(users: Engine) -> None:
    written(users, NaivePost(user_id=None))
    with Session(users) as session, lazy_loads.forbid():
        naive = session.scalars(select(NaivePost)).one()
        twin = NaivePost(user_id=naive.user_id)
        twin.id = naive.id
        with pytest.raises(lazy_loads.LazyLoadForbidden, match=r"NaivePost\.user"):
            repr(naive)
        with pytest.raises(lazy_loads.LazyLoadForbidden, match=r"NaivePost\.user"):
            # Equal up to there: from Python 3.13 on the comparison ends with the first field that differs.
            assert naive == twin
        safe = session.scalars(select(SafePost)).one()
        assert repr(safe).startswith("SafePost(id=")
        assert safe != SafePost(user_id=safe.user_id)


def test_the_default_eq_makes_instances_unhashable_and_the_recommended_form_does_not() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(NaivePost(user_id=1))
    assert len({SafePost(user_id=1), SafePost(user_id=1)}) == 2
