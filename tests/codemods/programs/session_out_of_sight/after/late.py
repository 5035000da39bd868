"""Functions that import what they need when they run."""

from sqlalchemy import select


def first():
    from models import User
    from extensions import db

    return db.session.scalars(select(User).order_by(User.id).limit(1)).first().name


def last():
    from extensions import db
    from models import User

    user = db.session.scalars(select(User).order_by(User.id.desc()).limit(1)).first()
    db.session.expunge(user)
    return user.name


def renamed(db):
    if db:
        from models import User

        return User.query.filter(User.name == db).count()  # refuse: session-not-in-scope
    return 0
