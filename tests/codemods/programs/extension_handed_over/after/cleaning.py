from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import delete, select


def clean(db: SQLAlchemy, name):
    from models import User

    db.session.execute(delete(User).filter_by(name=name))
    db.session.commit()
    return [user.name for user in db.session.scalars(select(User).order_by(User.id))]


def named(db: str):
    from models import User

    return User.query.filter_by(name=db).count()  # refuse: session-not-in-scope
