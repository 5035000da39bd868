from database import get_db
from fastapi import Depends
from models import User
from session import SessionDep
from sqlalchemy import select
from sqlalchemy.orm import Session


class Names:
    def __init__(self, db):
        self.db = db

    async def all(self):
        return [user.name for user in await self.db.scalars(select(User).order_by(User.id))]


def handed_on(db: Session = Depends(get_db)):
    return db


def yielded(db: Session = Depends(get_db)):
    yield db


async def committed(db: SessionDep):
    try:
        yield db
        await db.commit()
    except Exception:
        await db.rollback()
        raise


def names(db: SessionDep):
    return Names(db)
