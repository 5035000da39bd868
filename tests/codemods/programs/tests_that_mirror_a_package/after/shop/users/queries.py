from sqlalchemy import select

from shop.users import User


def oldest(db):
    return db.scalars(select(User).order_by(User.id).limit(1)).first()
