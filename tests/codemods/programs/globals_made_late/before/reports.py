from models import User


def names():
    return [user.name for user in User.query.order_by(User.id)]


def named(db):
    return User.query.filter_by(name=db).count()  # refuse: session-not-in-scope
