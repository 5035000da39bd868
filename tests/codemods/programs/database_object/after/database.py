"""An application's own stand-in for the extension object of Flask-SQLAlchemy."""

from sqlalchemy import create_engine
from sqlalchemy.orm import Query, declarative_base, scoped_session, sessionmaker


class Pages(Query):
    def page(self, number):
        return self.limit(2).offset((number - 1) * 2).all()


class Database:
    def __init__(self):
        self.Model = declarative_base()
        self.session = scoped_session(sessionmaker(query_cls=Pages))

    def configure(self, url):
        self.engine = create_engine(url)
        self.session.configure(bind=self.engine)
        self.Model.query = self.session.query_property()


class Archive:
    """Has another session in another database, and a base that is replaced."""

    def __init__(self):
        self.Old = declarative_base()
        self.archived = scoped_session(sessionmaker())

    def configure(self, url):
        self.archived.configure(bind=create_engine(url))
        self.Old.query = self.archived.query_property()


db = Database()
Model = db.Model
archive = Archive()


def replace():
    archive.archived = scoped_session(sessionmaker())
