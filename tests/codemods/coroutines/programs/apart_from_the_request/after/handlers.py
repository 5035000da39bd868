from fastapi import Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Tag
from session import SessionDep

count = 0


async def first_tag(db: SessionDep):
    return await db.run_sync(sync_first_tag)


def sync_first_tag(db: Session = Depends(get_db)):
    return db.scalars(select(Tag.name).order_by(Tag.id)).first()


def last_tag(db: Session = Depends(get_db), first: str = Depends(sync_first_tag)):  # stays: not-reached
    return [first, db.scalars(select(Tag.name).order_by(Tag.id.desc())).first()]


HANDLERS = {"last": last_tag}
