from contextlib import ExitStack

from fastapi import BackgroundTasks, Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import get_db
from models import Tag

app = FastAPI()


@app.post("/undone")
def undone(db: Session = Depends(get_db)):
    with ExitStack() as stack:
        stack.callback(db.rollback)
        db.add(Tag(name="never"))
        during = db.scalar(select(func.count(Tag.id)))
    return {"during": during, "after": db.scalar(select(func.count(Tag.id)))}


@app.post("/saved/{name}")
def saved(name: str, db: Session = Depends(get_db)):
    save = db.commit
    db.add(Tag(name=name))
    save()
    return {"tags": db.scalar(select(func.count(Tag.id)))}


@app.post("/chosen")
def chosen(keep: bool, db: Session = Depends(get_db)):
    db.add(Tag(name="chosen"))
    {True: db.commit, False: db.rollback}[keep]()
    return {"tags": db.scalar(select(func.count(Tag.id)))}


@app.post("/added")
def added(db: Session = Depends(get_db)):
    """What AsyncSession does without a database needs no await."""
    for each in map(db.add, [Tag(name="one"), Tag(name="two")]):
        assert each is None
    db.commit()
    return {"tags": db.scalar(select(func.count(Tag.id)))}


@app.post("/later")
def later(tasks: BackgroundTasks, db: Session = Depends(get_db)):  # stays: session-for-later
    db.add(Tag(name="later"))
    tasks.add_task(db.commit)


@app.get("/tags")
def tags(db: Session = Depends(get_db)):
    return list(db.scalars(select(Tag.name).order_by(Tag.id)))
