"""A helper that overwrites what it is given, and commits."""

from sqlalchemy.orm import Session

from models import User


class Users:
    def __init__(self, db: Session):
        self.db = db

    def count(self, user: User, logins: int) -> User:  # stays: stale-after-commit
        user.logins = logins
        self.db.commit()
        return user


def patch(db: Session, user: User, values: dict) -> None:  # stays: stale-after-commit
    for key, value in values.items():
        setattr(user, key, value)
    db.commit()
