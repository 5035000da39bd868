"""Endpoints that ask the driver itself for something, and others beside them."""

from database import get_db
from alchemove import discard_uncommitted
from fastapi import Depends, FastAPI
from models import Tag, Team, User
from session import SessionDep
from sqlalchemy import select, text
from sqlalchemy.orm import Session

app = FastAPI()


def by_the_driver(db: Session, statement: str):  # stays: driver-connection
    cursor = db.connection().connection.cursor()
    cursor.execute(statement)
    return [row[0] for row in cursor.fetchall()]


async def current_user(db: SessionDep):
    return await db.run_sync(sync_current_user)


def sync_current_user(db: Session = Depends(get_db)):
    return db.scalars(select(User).where(User.name == "ada")).one()


@app.get("/names")
def names(db: Session = Depends(get_db), user: User = Depends(sync_current_user)):  # stays: driver-connection
    return [user.name, *by_the_driver(db, "SELECT name FROM users ORDER BY id")]


@app.get("/count")
def count(db: Session = Depends(get_db)):  # stays: driver-connection
    return db.connection().exec_driver_sql("SELECT count(*) FROM users WHERE name LIKE 'a%%'").scalar()


@app.get("/teams")
async def teams(db: SessionDep, user: User = Depends(current_user)):
    discard_uncommitted(db)

    def in_session(db: Session):
        count = db.connection().exec_driver_sql("SELECT count(*) FROM teams").scalar()
        return [user.name, count, db.connection().execute(text("SELECT name FROM teams ORDER BY id")).scalar()]

    return await db.run_sync(in_session)


@app.post("/tags")
async def tag(db: SessionDep, user: User = Depends(current_user)):
    db.add(Tag(name=f"by {user.name}"))
    await db.commit()
    return [team.name for team in await db.scalars(select(Team).order_by(Team.id))]
