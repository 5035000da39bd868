"""`loaded`: what a response reads is there when the session is gone."""

from __future__ import annotations

from typing import Generic, TypeVar

import pytest
from pydantic import BaseModel, ConfigDict, model_validator
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from alchemove import loaded


class Base(DeclarativeBase):
    pass


class Team(Base):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    members: Mapped[list[Member]] = relationship()


class Member(Base):
    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))


class MemberOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    members: list[MemberOut]
    seen: int = 0

    @model_validator(mode="after")
    def count(self) -> TeamOut:
        self.seen += 1
        return self


Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    items: list[Item]


@pytest.fixture
def team() -> Team:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Team(id=1, members=[Member(id=1), Member(id=2)]))
        session.commit()
        found = session.get_one(Team, 1)
        assert loaded(TeamOut, found) is found
    return found


def test_what_the_model_reads_is_loaded(team: Team) -> None:
    assert [member.id for member in team.members] == [1, 2]


def test_objects_of_pydantic_stay_as_they_are() -> None:
    made = TeamOut(id=1, members=[])
    assert loaded(TeamOut, made) is made
    assert loaded(list[TeamOut], [made, made])[0].seen == 1


def test_what_an_object_of_another_class_holds_is_loaded() -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Team(id=1, members=[Member(id=1)]))
        session.commit()
        page: Page[object] = Page(items=[session.get_one(Team, 1)])
        assert loaded(Page[TeamOut], page) is page
    assert Page[TeamOut].model_validate(page, from_attributes=True).items[0].members == [MemberOut(id=1)]


def test_what_is_of_another_form_is_given_back() -> None:
    given = {"id": "no number"}
    assert loaded(TeamOut, given) is given
    assert given == {"id": "no number"}
