"""Relationships that a helper makes for any class: which class has a joined one is only known where it runs."""

from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


def many(name, **options):
    return relationship(name, **{"lazy": "joined", **options})


def linked(cls):
    cls.links = relationship("Link", lazy="select")
    return cls


class Team(Base):
    __tablename__ = "teams"
    id = Column(Integer, primary_key=True)
    members = many("Member")


class Member(Base):
    __tablename__ = "members"
    id = Column(Integer, primary_key=True)
    team_id = Column(ForeignKey("teams.id"))


@linked
class Page(Base):
    __tablename__ = "pages"
    id = Column(Integer, primary_key=True)


class Link(Base):
    __tablename__ = "links"
    id = Column(Integer, primary_key=True)
    page_id = Column(ForeignKey("pages.id"))
