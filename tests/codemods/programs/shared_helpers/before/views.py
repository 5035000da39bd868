from sqlalchemy import select
from sqlalchemy.orm import Session

from helpers import FILTERS, Recorder, cityless, counted, modern, narrowed, newest, paged, somewhere, with_a
from models import Address, User


class Report:
    def __init__(self, db: Session):
        self.db = db

    def cities(self):
        return [tuple(row) for row in newest(self.db.query(Address.city, Address.id), Address.id, 2)]

    def users(self):
        return [user.name for user in somewhere(self.db.query(User)).order_by(User.id)]


def users(session: Session, size):
    return [user.name for user in paged(session.query(User).order_by(User.id), size, 1).all()]


def first_address(other: Session):
    address = newest(other.query(Address), Address.id, 5).first()
    return address.city


def per_user(session: Session):
    return [(user.name, count) for user, count in counted(somewhere(session.query(User)), Address.id).order_by(User.id).all()]


def number(session: Session):
    return somewhere(session.query(User.id)).count()


def already(session: Session):
    return [user.name for user in session.scalars(modern(2)).all()], session.scalars(paged(select(User.id).order_by(User.id), 1)).all()


def recorded():
    return len(narrowed(Recorder(), [User.id == 1, User.name == "jo"]).seen)


def some(session: Session):
    return narrowed(session.query(User), [User.id > 1, User.name == "jo"]).one().name


def lonely(session: Session):
    return cityless(session.query(User)).one().name  # refuse: unknown-callers


def starting(session: Session):
    return with_a(session.query(User.name)).all()


def filtered(session: Session):
    return FILTERS[1](session.query(User)).count()  # refuse: query-escapes


def described(session: Session):
    query = newest(session.query(User), User.id, 1)  # refuse: query-as-text
    return str(query).split()[0], query.one().name


def named(query, name):
    """Is right for a Query and for a select()."""
    return query.filter_by(name=name)


def one_named(session: Session):
    return named(session.query(User), "jo").one().name


def shown(session: Session):
    query = named(session.query(User), "al")  # refuse: query-as-text
    return f"{query}".split()[0], query.one().name


def flat(query):
    """Only right for a Query as it stands."""
    return query.order_by(False).order_by(User.id)


def first_flat(session: Session):
    return flat(session.query(User).order_by(User.name)).first().name


def flat_ids(session: Session):
    return flat(session.query(User.id)).all()
