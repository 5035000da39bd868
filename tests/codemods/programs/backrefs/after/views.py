from sqlalchemy import func, select
from sqlalchemy.orm import Session, class_mapper

from models import Address, User


def cities(session: Session, name):
    return [a.city for a in session.scalars(select(class_mapper(Address)).where(Address.user.has(name=name)).order_by(Address.id))]


def users(session: Session, city):
    return [user.name for user in session.scalars(select(User).where(User.addresses.any(city=city)).order_by(User.id))]


def others(session: Session, user: User):
    return [a.city for a in session.scalars(select(Address).where(Address.user != user).order_by(Address.id))]


def in_city(session: Session, name):
    user = session.scalars(select(User).filter_by(name=name)).one()
    return session.scalar(select(func.count()).select_from(select(Address).where(Address.user == user).subquery()))


def homeless(session: Session):
    return session.scalar(select(func.count()).select_from(select(class_mapper(Address)).filter_by(user=None).subquery()))


def owned(session: Session, user: User):
    return session.scalar(select(func.count()).select_from(select(Address).filter_by(user=user).subquery()))
