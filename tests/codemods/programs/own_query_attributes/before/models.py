"""Classes below a base with a query property that have a ``query`` of their own."""

from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool

engine = create_engine("sqlite://", poolclass=StaticPool)
session = scoped_session(sessionmaker(bind=engine))
Base = declarative_base()
Base.query = session.query_property()


class User(Base):
    __tablename__ = "users"

    id = Column(Integer, primary_key=True)
    gone = Column(Integer)


class Log(Base):
    __tablename__ = "logs"

    id = Column(Integer, primary_key=True)

    @classmethod
    def query(cls):
        return session.query(cls).filter(cls.id > 1)


class Visit(Base):
    __tablename__ = "visits"

    id = Column(Integer, primary_key=True)

    @property
    def query(self):
        return session.query(User).filter(User.id > self.id)


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)

    class query:
        @staticmethod
        def count():
            return 7
