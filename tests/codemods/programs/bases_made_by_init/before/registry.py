"""A base that was given its attributes by ``declarative_base(cls=...)``."""

from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker

engine = create_engine("sqlite://")
Session = scoped_session(sessionmaker(bind=engine))


class Common:
    id = Column(Integer, primary_key=True)
    query = Session.query_property()

    @classmethod
    def numbered(cls, number):
        return cls.query.filter(cls.id == number).one_or_none()


Model = declarative_base(cls=Common)


class Build(Model):
    __tablename__ = "builds"

    name = Column(String(20))
