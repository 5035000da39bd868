"""An application's own stand-in for the extension object of Flask-SQLAlchemy, which puts the class of queries into an attribute."""

from sqlalchemy import create_engine, orm


class Database:
    def __init__(self, url, base, options=None):
        self.engine = create_engine(url)
        self.Query = orm.Query
        self.Model = base
        self.options = options
        self._session = None

    @property
    def session(self):
        if self._session is None:
            self._session = self.scoped(self.options)
        return self._session

    def scoped(self, options=None):
        options = options or {}
        options.setdefault("query_cls", self.Query)
        return orm.scoped_session(orm.sessionmaker(bind=self.engine, **options))
