from sqlalchemy import func, select

from models import Address, User


def paged(query, size, number=0):
    """The query may select anything."""
    if size:
        query = query.limit(size).offset(size * number)
    return query


def newest(query, column, size):
    return paged(query.order_by(column.desc()), size)


def somewhere(query):
    return query.join(Address, Address.user_id == User.id).filter(Address.city != "")


def counted(query, of):
    return query.add_columns(func.count(of)).group_by(User.id)


def modern(size):
    return paged(select(User).order_by(User.id), size)


def narrowed(query, criteria):
    for criterion in criteria:
        query = query.filter(criterion)
    return query


class Recorder:
    """Stands for a query in a test."""

    def __init__(self):
        self.seen = []

    def filter(self, criterion):
        self.seen.append(criterion)
        return self


def announced(function):
    FILTERS.append(function)
    return function


FILTERS = []


@announced
def cityless(query):
    return query.filter(~User.addresses.any())


def with_a(query):
    return query.filter(User.name.like("a%"))


FILTERS.append(with_a)
