from shop.users import User


def oldest(db):
    return db.query(User).order_by(User.id).first()
