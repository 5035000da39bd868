from sqlalchemy import func, select

from models import Address, User


class Repository:
    model = None

    def get(self, session, key):
        return session.get(self.model, key)

    def count(self, session, **filters):
        query = select(self.model).filter_by(**filters)
        return session.scalar(select(func.count()).select_from(query.subquery()))

    def newest(self, session):
        return session.scalars(select(self.model).order_by(self.model.id.desc()).limit(1)).unique().first()


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
