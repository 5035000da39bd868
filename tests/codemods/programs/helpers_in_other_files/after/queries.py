from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import Address, User


def adults(session: Session) -> Select[tuple[User]]:
    return select(User).where(User.age >= 18)


def living_in(query, city):
    # everybody who lives there
    return query.join(User.addresses).where(Address.city == city)


def paginate(query, page, size=1):
    return query.order_by(User.id).limit(size).offset(page * size)
