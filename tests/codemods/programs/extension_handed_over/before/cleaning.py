from flask_sqlalchemy import SQLAlchemy


def clean(db: SQLAlchemy, name):
    from models import User

    User.query.filter_by(name=name).delete()
    db.session.commit()
    return [user.name for user in User.query.order_by(User.id)]


def named(db: str):
    from models import User

    return User.query.filter_by(name=db).count()  # refuse: session-not-in-scope
