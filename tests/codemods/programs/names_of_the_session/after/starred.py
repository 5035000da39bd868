"""The session has its name here from a star import."""

from sqlalchemy import select

from helpers import *


def names():
    return [user.name for user in session.scalars(select(User).order_by(User.id))]


def rename(old, new):
    session.scalars(select(User).filter_by(name=old)).one().name = new
    session.commit()
