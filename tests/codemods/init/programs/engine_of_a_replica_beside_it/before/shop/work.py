from sqlalchemy import func, select

from shop.database import get_db, get_read_db
from shop.deps import get_reports_db
from shop.models import Item

count = select(func.count(Item.id))


def add():
    for db in get_db():
        db.add(Item())
        db.commit()


def add_two():
    for db in get_db():
        db.add_all([Item(), Item()])
        db.commit()


def add_and_count():
    for db in get_db():
        db.add(Item())
        db.commit()
        return db.scalar(count)


def remove():
    for db in get_db():
        db.delete(db.scalars(select(Item)).first())
        db.commit()


def first():
    for db in get_db():
        return db.scalars(select(Item.id).order_by(Item.id)).first()


def read():
    return [db.scalar(count) for db in get_read_db()] + [db.scalar(count) for db in get_reports_db()]
