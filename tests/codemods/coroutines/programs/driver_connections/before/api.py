"""Endpoints that ask the driver itself for something, and others beside them."""

from database import get_db
from fastapi import Depends, FastAPI
from models import Tag, Team, User
from sqlalchemy import select, text
from sqlalchemy.orm import Session

app = FastAPI()


def by_the_driver(db: Session, statement: str):  # stays: driver-connection
    cursor = db.connection().connection.cursor()
    cursor.execute(statement)
    return [row[0] for row in cursor.fetchall()]


def current_user(db: Session = Depends(get_db)):
    return db.scalars(select(User).where(User.name == "ada")).one()


@app.get("/names")
def names(db: Session = Depends(get_db), user: User = Depends(current_user)):  # stays: driver-connection
    return [user.name, *by_the_driver(db, "SELECT name FROM users ORDER BY id")]


@app.get("/count")
def count(db: Session = Depends(get_db)):  # stays: driver-connection
    return db.connection().exec_driver_sql("SELECT count(*) FROM users WHERE name LIKE 'a%%'").scalar()


@app.get("/teams")
def teams(db: Session = Depends(get_db), user: User = Depends(current_user)):
    count = db.connection().exec_driver_sql("SELECT count(*) FROM teams").scalar()
    return [user.name, count, db.connection().execute(text("SELECT name FROM teams ORDER BY id")).scalar()]


@app.post("/tags")
def tag(db: Session = Depends(get_db), user: User = Depends(current_user)):
    db.add(Tag(name=f"by {user.name}"))
    db.commit()
    return [team.name for team in db.scalars(select(Team).order_by(Team.id))]
