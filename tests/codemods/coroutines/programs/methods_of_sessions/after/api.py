from contextlib import ExitStack

from alchemove import discard_uncommitted
from fastapi import BackgroundTasks, Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import get_db
from models import Tag
from session import SessionDep

app = FastAPI()


@app.post("/undone")
async def undone(db: SessionDep):
    discard_uncommitted(db)

    def in_session(db: Session):
        with ExitStack() as stack:
            stack.callback(db.rollback)
            db.add(Tag(name="never"))
            during = db.scalar(select(func.count(Tag.id)))
        return {"during": during, "after": db.scalar(select(func.count(Tag.id)))}

    return await db.run_sync(in_session)


@app.post("/saved/{name}")
async def saved(name: str, db: SessionDep):
    discard_uncommitted(db)

    def in_session(db: Session):
        save = db.commit
        db.add(Tag(name=name))
        save()
        return {"tags": db.scalar(select(func.count(Tag.id)))}

    return await db.run_sync(in_session)


@app.post("/chosen")
async def chosen(keep: bool, db: SessionDep):
    discard_uncommitted(db)

    def in_session(db: Session):
        db.add(Tag(name="chosen"))
        {True: db.commit, False: db.rollback}[keep]()
        return {"tags": db.scalar(select(func.count(Tag.id)))}

    return await db.run_sync(in_session)


@app.post("/added")
async def added(db: SessionDep):
    """What AsyncSession does without a database needs no await."""
    for each in map(db.add, [Tag(name="one"), Tag(name="two")]):
        assert each is None
    await db.commit()
    return {"tags": await db.scalar(select(func.count(Tag.id)))}


@app.post("/later")
def later(tasks: BackgroundTasks, db: Session = Depends(get_db)):  # stays: session-for-later
    db.add(Tag(name="later"))
    tasks.add_task(db.commit)


@app.get("/tags")
async def tags(db: SessionDep):
    return list(await db.scalars(select(Tag.name).order_by(Tag.id)))
