from dataclasses import dataclass

from alchemove import session_depends
from fastapi import Header
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import SessionLocal
from models import Tag, User
from session import SessionDep, get_session


@dataclass
class Context:
    db: AsyncSession
    user: User


async def context(x_name: str = Header("ada"), db: AsyncSession = session_depends(get_session)) -> Context:
    return Context(db=db, user=(await db.scalars(select(User).filter_by(name=x_name))).one())


def members(ctx: Context):
    return select(User).filter_by(team_id=ctx.user.team_id).order_by(User.id)


async def member(ctx: Context, number: int):
    """Nobody needs it any more."""
    return (await ctx.db.scalars(members(ctx).filter(User.id == number))).first()


@dataclass
class Batch:
    db: Session


def batch(db: SessionDep) -> Batch:
    return Batch(db.sync_session)


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
