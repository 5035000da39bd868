from sqlalchemy.orm import Session

from models import Address, User


def cities(session: Session, name):
    return [a.city for a in session.query(Address).filter(Address.user.has(name=name)).order_by(Address.id)]


def users(session: Session, city):
    return [user.name for user in session.query(User).filter(User.addresses.any(city=city)).order_by(User.id)]


def others(session: Session, user: User):
    return [a.city for a in session.query(Address).filter(Address.user != user).order_by(Address.id)]


def in_city(session: Session, name):
    user = session.query(User).filter_by(name=name).one()
    return session.query(Address).filter(Address.user == user).count()


def homeless(session: Session):
    return session.query(Address).filter_by(user=None).count()


def owned(session: Session, user: User):
    return session.query(Address).filter_by(user=user).count()
