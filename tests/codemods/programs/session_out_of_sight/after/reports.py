"""The extension object is not imported here; nothing that it imports imports this file."""

from sqlalchemy import func, select

from extensions import db, db as db_
from models import Note, User


def total():
    return db.session.scalar(select(func.count()).select_from(select(User).subquery())) + db.session.scalar(select(func.count()).select_from(select(Note).subquery()))


def names(db):
    return [db, *(u.name for u in db_.session.scalars(select(User).order_by(User.id)))]
