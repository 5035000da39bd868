"""Context managers whose parameters have no annotations."""

from contextlib import contextmanager

from session import SessionDep
from alchemove import discard_uncommitted
from fastapi import FastAPI
from models import Tag, User
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

app = FastAPI()


@contextmanager
def unit(db):
    try:
        yield db
        db.commit()
    except Exception:
        db.rollback()
        raise


@app.post("/tag")
async def tag(db: SessionDep):
    def in_session(db: Session):
        with unit(db) as session:
            made = Tag(name="unit")
            session.add(made)
        return [made.id, made.name]

    return await db.run_sync(in_session)


@app.post("/user")
async def user(db: SessionDep):
    discard_uncommitted(db)

    def in_session(db: Session):
        try:
            with unit(db):
                db.add(User(name="ada"))
        except IntegrityError:
            return db.scalar(select(func.count()).select_from(User))

    return await db.run_sync(in_session)
