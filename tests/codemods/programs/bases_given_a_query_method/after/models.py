"""A base that is given a method ``query`` of the application's own: the session keeps its own."""

from sqlalchemy import Column, Integer, String, create_engine, select
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool

engine = create_engine("sqlite://", poolclass=StaticPool)
session = scoped_session(sessionmaker(bind=engine))
Base = declarative_base()


@classmethod
def query(cls):
    return session.query(cls).filter(cls.id > 1)  # refuse: unknown-callers


Base.query = query


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))

    @classmethod
    def named(cls, name):
        return session.scalars(select(User).filter_by(name=name)).all()
