"""What is imported before ``init()`` was called stays None."""

from data.config import db


def count():
    from data.models import User

    return User.query.count(), db is None  # refuse: session-not-in-scope
