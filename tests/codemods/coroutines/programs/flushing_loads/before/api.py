"""Lazy loads that send what was changed before them, where nothing else would in time."""

from fastapi import Depends, FastAPI
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from crud import count, of_team
from database import get_db
from models import User

app = FastAPI()


@app.put("/refreshed")
def refreshed(db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.id == 1)).one()
    user.logins = 99
    team = user.team.name  # alchemove: flushes-here
    db.refresh(user)
    db.commit()
    return [team, user.logins]


@app.put("/expired")
def expired(db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.id == 2)).one()
    count(user, 98)
    team = of_team(user)
    db.expire(user)
    return [team, db.scalars(select(User.logins).where(User.id == 2)).one()]


@app.put("/textual")
def textual(db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.id == 3)).one()
    user.logins = 97
    titles = [post.title for post in user.posts]  # alchemove: flushes-here
    return [titles, db.execute(text("SELECT logins FROM users WHERE id = 3")).scalar()]


@app.put("/committed")
def committed(db: Session = Depends(get_db)):
    """The commit sends it in any case."""
    user = db.scalars(select(User).where(User.id == 1)).one()
    user.logins = 96
    team = user.team.name
    db.commit()
    db.refresh(user)
    return [team, user.logins]


@app.put("/unchanged")
def unchanged(db: Session = Depends(get_db)):
    """Nothing was changed that could be lost."""
    user = db.scalars(select(User).where(User.id == 1)).one()
    team = user.team.name
    db.refresh(user)
    return [team, user.logins]
