from sqlalchemy import select

from models import User
from narrowing import some
from narrowing import some as narrow


def chosen(session):
    return session.scalars(some(select(User))).all()


def renamed_elsewhere(anything):
    return [user.name for user in narrow(anything).all()]
