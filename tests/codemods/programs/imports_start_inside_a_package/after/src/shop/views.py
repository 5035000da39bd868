from sqlalchemy import select

from core import db as db_
from shop.models import User


def register(app, db):
    app.extensions["names"] = db

    def names():
        return [user.name for user in db_.session.scalars(select(User).order_by(User.name))], db_.get_or_404(User, 1).name

    return names
