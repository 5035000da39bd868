"""Functions that import what they need when they run."""


def first():
    from models import User

    return User.query.order_by(User.id).first().name


def last():
    from extensions import db
    from models import User

    user = User.query.order_by(User.id.desc()).first()
    db.session.expunge(user)
    return user.name


def renamed(db):
    if db:
        from models import User

        return User.query.filter(User.name == db).count()  # refuse: session-not-in-scope
    return 0
