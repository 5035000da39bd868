from sqlalchemy import select

from models import User, db


def names():
    return [user.name for user in db.session.scalars(select(User).order_by(User.id))]


def named(db):
    return User.query.filter_by(name=db).count()  # refuse: session-not-in-scope
