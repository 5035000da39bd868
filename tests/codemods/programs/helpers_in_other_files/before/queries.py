from sqlalchemy.orm import Query, Session

from models import Address, User


def adults(session: Session) -> Query:
    return session.query(User).filter(User.age >= 18)


def living_in(query, city):
    # everybody who lives there
    return query.join(User.addresses).filter(Address.city == city)


def paginate(query, page, size=1):
    return query.order_by(User.id).limit(size).offset(page * size)
