from models import Address, User


class Repository:
    model = None

    def get(self, session, key):
        return session.query(self.model).get(key)

    def count(self, session, **filters):
        query = session.query(self.model).filter_by(**filters)
        return query.count()

    def newest(self, session):
        return session.query(self.model).order_by(self.model.id.desc()).first()


class Users(Repository):
    model = User


class Addresses(Repository):
    model = Address


class Reports:
    """One of its subclasses names no mapped class, so nothing says what ``store`` is."""

    source = None

    def rows(self, store):
        return store.query(self.source)


class UserReports(Reports):
    source = User


class TextReports(Reports):
    source = "text"
