from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Address, User


def cities(session: Session, name):
    return [a.city for a in session.query(Address).filter(Address.user.has(name=name)).order_by(Address.id)]  # refuse: backref-first


def users(session: Session, city):
    return [user.name for user in session.scalars(select(User).where(User.addresses.any(city=city)).order_by(User.id))]


def others(session: Session, user: User):
    return [a.city for a in session.scalars(select(Address).where(Address.user != user).order_by(Address.id))]


def in_city(session: Session, name):
    user = session.scalars(select(User).filter_by(name=name)).one()
    return session.scalar(select(func.count()).select_from(select(Address).where(Address.user == user).subquery()))


def homeless(session: Session):
    return session.query(Address).filter_by(user=None).count()  # refuse: backref-first


def owned(session: Session, user: User):
    return session.scalar(select(func.count()).select_from(select(Address).filter_by(user=user).subquery()))
