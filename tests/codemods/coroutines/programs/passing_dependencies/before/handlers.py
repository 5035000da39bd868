from sqlalchemy import select

from models import Tag


def name_of_first(db):
    return db.scalars(select(Tag.name).order_by(Tag.id)).first()


CALLBACKS = {"first": name_of_first}
