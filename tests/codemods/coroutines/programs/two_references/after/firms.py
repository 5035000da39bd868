"""Firms and people that refer to each other: what a relationship follows is said by its columns alone."""

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Firm(Base):
    __tablename__ = "firms"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    owner_id = Column(ForeignKey("people.id", use_alter=True, name="firms_owner"))
    owner = relationship("Person", foreign_keys=[owner_id], post_update=True)
    people = relationship("Person", foreign_keys="Person.firm_id", back_populates="firm", order_by="Person.id")


class Person(Base):
    __tablename__ = "people"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    firm_id = Column(ForeignKey("firms.id"))
    firm = relationship("Firm", foreign_keys=[firm_id], back_populates="people")
    owned = relationship("Firm", primaryjoin="Firm.owner_id == Person.id", viewonly=True, uselist=False)


def seed(session):
    firm = Firm(name="acme")
    ann, ben = Person(name="ann", firm=firm), Person(name="ben", firm=firm)
    session.add_all([ann, ben])
    session.flush()
    firm.owner = ann
    session.commit()
