from sqlalchemy import select

from data import db as database


def users():
    from data.models import User

    return [user.name for user in database.session.scalars(select(User).order_by(User.id))]


def save(*made):
    database.session.add_all(made)
    database.session.commit()
