from sqlalchemy import create_engine
from sqlalchemy.orm import Query, declarative_base, scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool


class Searching(Query):
    """Only adds a method."""

    def starting(self, letter):
        return self.filter(self.column_descriptions[0]["entity"].name.startswith(letter))


class Living(Query):
    """Changes what filter() does, and filter_by() with it."""

    def filter(self, *criteria):
        return super().filter(*criteria, Person.alive)


class Reversed(Query):
    """Changes how it is gone through."""

    def __iter__(self):
        return iter(self.all()[::-1])


engine = create_engine("sqlite://", poolclass=StaticPool)
session = scoped_session(sessionmaker(bind=engine, query_cls=Searching))
living = sessionmaker(bind=engine, query_cls=Living)
Base = declarative_base()

from models import Person  # noqa: E402
