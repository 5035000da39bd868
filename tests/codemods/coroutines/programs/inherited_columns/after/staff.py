"""Employees of one class and a subclass, which has a column and a property of its own."""

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Emp(Base):
    __tablename__ = "emps"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    kind = Column(String)
    team_id = Column(ForeignKey("teams.id"))
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "emp"}

    def label(self):  # stays: no-session
        return self.name


class Eng(Emp):
    __tablename__ = "engs"
    id = Column(ForeignKey("emps.id"), primary_key=True)
    lang = Column(String)
    __mapper_args__ = {"polymorphic_identity": "eng"}

    @property
    def described(self):  # stays: property
        return self.name + self.lang

    def label(self):  # stays: no-session
        return self.name + "/" + self.lang  # stays: not-loadable


class Team(Base):
    __tablename__ = "teams"
    id = Column(Integer, primary_key=True)
    emps = relationship(Emp, order_by=Emp.id)


def seed(session):
    session.add(Team(emps=[Eng(name="e", lang="py"), Emp(name="p")]))
    session.commit()
