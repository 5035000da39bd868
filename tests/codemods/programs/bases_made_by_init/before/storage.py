"""The session is made by ``init``: whoever imports it by name before that has None."""

from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker


class Base:
    id = Column(Integer, primary_key=True)


Base = declarative_base(cls=Base)
session, engine = None, None


def init():
    global session, engine
    engine = create_engine("sqlite://")
    session = scoped_session(sessionmaker(bind=engine))
    Base.query = session.query_property()


class Project(Base):
    __tablename__ = "projects"

    name = Column(String(20))


class View(Base):
    __tablename__ = "views"

    query = Column(String(20))
