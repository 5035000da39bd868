from dataclasses import dataclass

from fastapi import Depends, Header
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import SessionLocal, get_db
from models import Tag, User


@dataclass
class Context:
    db: Session
    user: User


def context(x_name: str = Header("ada"), db: Session = Depends(get_db)) -> Context:
    return Context(db=db, user=db.scalars(select(User).filter_by(name=x_name)).one())


def members(ctx: Context):
    return select(User).filter_by(team_id=ctx.user.team_id).order_by(User.id)


def member(ctx: Context, number: int):
    """Nobody needs it any more."""
    return ctx.db.scalars(members(ctx).filter(User.id == number)).first()


@dataclass
class Batch:
    db: Session


def batch(db: Session = Depends(get_db)) -> Batch:
    return Batch(db)


def count(work: Batch) -> int:  # stays: import-time
    return len(work.db.scalars(select(Tag)).all())


def main() -> int:  # stays: import-time
    db = SessionLocal()
    try:
        return count(Batch(db))
    finally:
        db.close()


if __name__ == "__main__":
    main()
