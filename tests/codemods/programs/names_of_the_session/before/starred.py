"""The session has its name here from a star import."""

from helpers import *


def names():
    return [user.name for user in User.query.order_by(User.id)]


def rename(old, new):
    User.query.filter_by(name=old).one().name = new
    session.commit()
