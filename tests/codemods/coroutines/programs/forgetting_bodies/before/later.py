"""Where objects are read behind the body, too, nothing may expire in it."""

import asyncio

from fastapi import BackgroundTasks, Depends
from sqlalchemy import text
from sqlalchemy.orm import Session

from api import app, note_name
from database import get_db
from models import User


@app.put("/later")
def later(name: str, tasks: BackgroundTasks, db: Session = Depends(get_db)):  # stays: stale-after-commit
    user = db.get(User, 3)
    db.execute(text("UPDATE users SET name = :name WHERE id = 3"), {"name": name})
    db.commit()
    tasks.add_task(note_name, user)
    return user.name


@app.put("/expired")
def expired(tasks: BackgroundTasks, db: Session = Depends(get_db)):  # stays: read-after-rollback
    user = db.get(User, 3)
    db.expire_all()
    tasks.add_task(note_name, user)
    return user.name


@app.put("/savepoint")
async def savepoint(tasks: BackgroundTasks, db: Session = Depends(get_db)):  # stays: transaction-object
    await asyncio.sleep(0)
    db.begin_nested()
    user = db.get(User, 3)
    db.rollback()
    tasks.add_task(note_name, user)
