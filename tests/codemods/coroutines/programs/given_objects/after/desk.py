"""Agents at desks, and notes that belong to nobody."""

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Desk(Base):
    __tablename__ = "desks"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    agents = relationship("Agent", back_populates="desk", order_by="Agent.id")


class Agent(Base):
    __tablename__ = "agents"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    desk_id = Column(ForeignKey("desks.id"))
    desk = relationship("Desk", back_populates="agents")


class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
    text = Column(String(50), nullable=False)


def seed(session):
    front, back = Desk(name="front"), Desk(name="back")
    session.add_all([front, back, Agent(name="ann", desk=back), Agent(name="bob", desk=front), Note(text="call")])
    session.commit()
