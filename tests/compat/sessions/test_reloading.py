"""`rollback_and_reload`: what a program holds can be read behind a rollback, as a sync session would load it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, ForeignKey, create_engine, event, select, text
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    column_property,
    composite,
    mapped_column,
    relationship,
    selectinload,
)

from alchemove import rollback_and_reload


class Base(DeclarativeBase):
    pass


class Point:
    def __init__(self, x: int, y: int) -> None:
        self.x, self.y = x, y

    def __composite_values__(self) -> tuple[int, int]:
        return self.x, self.y


class Team(Base):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    notes: Mapped[str] = mapped_column(default="long", deferred=True)
    x: Mapped[int] = mapped_column(default=1)
    y: Mapped[int] = mapped_column(default=2)
    place: Mapped[Point] = composite(Point, "x", "y")
    members: Mapped[list[Member]] = relationship(back_populates="team")
    shouted = column_property(name + "!")


class Member(Base):
    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    team: Mapped[Team | None] = relationship(back_populates="members", lazy="raise")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'teams.db'}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Team(id=1, name="a", members=[Member(id=1), Member(id=2)]))
        session.add(Team(id=2, name="b"))
        session.commit()
    yield engine
    engine.dispose()


@pytest.fixture
async def session(engine: Engine) -> AsyncIterator[AsyncSession]:
    asynchronous = create_async_engine(engine.url.set(drivername="sqlite+aiosqlite"))
    async with AsyncSession(asynchronous, expire_on_commit=False) as made:
        yield made
    await asynchronous.dispose()


async def test_columns_and_the_relationships_that_were_loaded_can_be_read(session: AsyncSession) -> None:
    team = (await session.scalars(select(Team).options(selectinload(Team.members)).order_by(Team.id))).first()
    assert team is not None
    team.name, team.x = "b", 7
    with pytest.raises(IntegrityError):
        await session.flush()
    await session.run_sync(rollback_and_reload)
    assert (team.name, team.shouted, team.x, team.place.x) == ("a", "a!", 1, 1)
    assert [member.id for member in team.members] == [1, 2]


async def test_what_was_not_loaded_stays_so(session: AsyncSession) -> None:
    team = await session.get_one(Team, 1)
    await session.run_sync(rollback_and_reload)
    assert {"members", "notes"}.isdisjoint(team.__dict__)
    assert team.name == "a"


async def test_a_plain_rollback_leaves_nothing_to_read(session: AsyncSession) -> None:
    team = await session.get_one(Team, 1)
    await session.rollback()
    assert "name" not in team.__dict__


async def test_deferred_columns_that_were_read_are_there_again(session: AsyncSession) -> None:
    team = await session.get_one(Team, 1)
    assert await session.run_sync(lambda _: team.notes) == "long"
    await session.run_sync(rollback_and_reload)
    assert team.notes == "long"


async def test_new_objects_keep_their_values(session: AsyncSession) -> None:
    team = Team(id=3, name="a")
    session.add(team)
    with pytest.raises(IntegrityError):
        await session.flush()
    await session.run_sync(rollback_and_reload)
    assert (team.id, team.name) == (3, "a")
    assert team not in session


async def test_a_deleted_object_is_there_again(session: AsyncSession) -> None:
    team = await session.get_one(Team, 2)
    await session.delete(team)
    await session.flush()
    await session.run_sync(rollback_and_reload)
    assert team.name == "b"


async def test_an_object_whose_row_is_gone_disturbs_no_other(session: AsyncSession, engine: Engine) -> None:
    gone, kept = await session.get_one(Team, 2), await session.get_one(Team, 1)
    await session.rollback()
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM teams WHERE id = 2"))
    await session.run_sync(rollback_and_reload)
    assert kept.name == "a"
    assert "name" not in gone.__dict__


async def test_a_relationship_that_raises_is_left_to_raise(session: AsyncSession) -> None:
    member = Member(id=3, team=await session.get_one(Team, 2))
    session.add(member)
    await session.commit()
    await session.refresh(member, ["id"])
    assert member.team is not None
    await session.run_sync(rollback_and_reload)
    assert member.id == 3
    with pytest.raises(InvalidRequestError):
        _ = member.team


def test_the_statements_are_those_that_reading_would_send(engine: Engine) -> None:
    sent: list[str] = []

    def work(session: Session, *, at_once: bool) -> list[str]:
        team = session.scalars(select(Team).options(selectinload(Team.members)).where(Team.id == 1)).one()
        members = list(team.members)
        sent.clear()
        if at_once:
            rollback_and_reload(session)
        else:
            session.rollback()
        assert team.name == "a"
        assert [member.id for member in team.members] == [member.id for member in members]
        return list(sent)

    with Session(engine) as one, Session(engine) as two:
        event.listen(engine, "before_cursor_execute", lambda *arguments: sent.append(arguments[2]))
        assert sorted(work(one, at_once=True)) == sorted(work(two, at_once=False))
