from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpers import FILTERS, Recorder, cityless, counted, modern, narrowed, newest, paged, somewhere, with_a
from models import Address, User


class Report:
    def __init__(self, db: Session):
        self.db = db

    def cities(self):
        return [tuple(row) for row in self.db.execute(newest(select(Address.city, Address.id), Address.id, 2))]

    def users(self):
        return [user.name for user in self.db.scalars(somewhere(select(User)).order_by(User.id)).unique()]


def users(session: Session, size):
    return [user.name for user in session.scalars(paged(select(User).order_by(User.id), size, 1)).all()]


def first_address(other: Session):
    address = other.scalars(newest(select(Address), Address.id, 5).limit(1)).first()
    return address.city


def per_user(session: Session):
    return [(user.name, count) for user, count in session.execute(counted(somewhere(select(User)), Address.id).order_by(User.id)).unique().all()]


def number(session: Session):
    return session.scalar(select(func.count()).select_from(somewhere(select(User.id)).subquery()))


def already(session: Session):
    return [user.name for user in session.scalars(modern(2)).all()], session.scalars(paged(select(User.id).order_by(User.id), 1)).all()


def recorded():
    return len(narrowed(Recorder(), [User.id == 1, User.name == "jo"]).seen)


def some(session: Session):
    return session.scalars(narrowed(select(User), [User.id > 1, User.name == "jo"])).unique().one().name


def lonely(session: Session):
    return cityless(session.query(User)).one().name  # refuse: unknown-callers


def starting(session: Session):
    return session.execute(with_a(select(User.name))).all()


def filtered(session: Session):
    return FILTERS[1](session.query(User)).count()  # refuse: query-escapes


def described(session: Session):
    query = newest(session.query(User), User.id, 1)  # refuse: query-as-text
    return str(query).split()[0], query.one().name


def named(query, name):
    """Is right for a Query and for a select()."""
    return query.filter_by(name=name)


def one_named(session: Session):
    return session.scalars(named(select(User), "jo")).one().name


def shown(session: Session):
    query = named(session.query(User), "al")  # refuse: query-as-text
    return f"{query}".split()[0], query.one().name


def flat(query):
    """Only right for a Query as it stands."""
    return query.order_by(None).order_by(User.id)


def first_flat(session: Session):
    return session.scalars(flat(select(User).order_by(User.name)).limit(1)).first().name


def flat_ids(session: Session):
    return session.execute(flat(select(User.id))).all()
