from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from models import Team, User


class Users:
    """What requests and the start of the program share."""

    def __init__(self, db: Session):
        self.db = db

    def rename(self, number: int, name: str) -> User:  # stays: not-reached
        user = self.db.get(User, number)
        user.name = name
        self.db.commit()
        return user

    def count(self) -> int:  # stays: not-reached
        return len(self.db.scalars(select(User)).all())


class Teams:
    def __init__(self, db: Session):
        self.db = db

    def rename(self, number: int, name: str) -> Team:  # stays: not-reached
        team = self.db.get(Team, number)
        team.name = name
        self.db.commit()
        return team


def repair(db: Session) -> None:  # stays: not-reached
    """Commits what it has changed: no commit that comes later has to do with that."""
    for table in (User.__table__, Team.__table__):
        found = db.execute(update(table).where(table.c.name.is_(None)).values(name="nobody"))
        if found.rowcount:
            print("repaired", table.name)
    db.commit()


def begin_to_repair(db: Session) -> None:  # stays: not-reached
    """Leaves the commit to what is called next."""
    db.execute(text("UPDATE teams SET name = lower(name)"))


def settings(db: Session) -> None:  # stays: not-reached
    """Changes no rows."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SET work_mem = '8MB'"))
        db.execute(text(f"SET application_name = '{__name__}'"))
