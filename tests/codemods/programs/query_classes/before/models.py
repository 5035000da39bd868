from sqlalchemy import Boolean, Column, Integer, String

from database import Base, Reversed, Searching, session


class Person(Base):
    __tablename__ = "people"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    alive = Column(Boolean, default=True)
    query = session.query_property(Searching)


class Town(Base):
    __tablename__ = "towns"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    query = session.query_property(query_cls=Reversed)


class River(Base):
    __tablename__ = "rivers"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    query = session.query_property()
