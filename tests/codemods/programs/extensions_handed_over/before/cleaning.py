"""Which of two objects the parameter is depends on the call."""

from flask_sqlalchemy import SQLAlchemy


def count(db: SQLAlchemy):
    from models import User

    return User.query.count(), bool(db.metadata.tables)  # refuse: session-not-in-scope
