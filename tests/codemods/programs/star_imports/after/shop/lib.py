from sqlalchemy import select

from .model import *


def names(db):
    return [user.name for user in db.scalars(select(User).order_by(User.id))]


def tickets(db):
    return db.execute(select(Item.id, User.name).join(User, User.id == Item.user_id)).all()


def labels(db):
    return [label.text for label in db.scalars(select(Label)).all()]
