"""Objects that are read behind a rollback that the request survives."""

import asyncio

from database import get_db
from deps import attempts, current_user, note_visit, owner
from fastapi import Depends, FastAPI, Form
from models import Post, Tag, Team, User
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

app = FastAPI()


def page(user, posts=(), error=None):
    return {"user": user.name, "posts": [post.title for post in posts], "error": error}


@app.post("/named")
async def named(name: str | None = None, user: User = Depends(current_user), db: Session = Depends(get_db)):
    posts = db.scalars(select(Post).order_by(Post.id)).all()
    await asyncio.sleep(0)
    try:
        posts[0].title = name
        db.commit()
    except IntegrityError as error:
        db.rollback()
        return page(user, posts, type(error).__name__)
    return page(user)


@app.post("/visited")
async def visited(user: User = Depends(current_user), _: None = Depends(note_visit), db: Session = Depends(get_db)):
    await asyncio.sleep(0)
    return [user.name, db.get(User, 2).name]


@app.post("/each")
async def each(db: Session = Depends(get_db)):
    failed = []
    teams = db.scalars(select(Team).order_by(Team.id)).all()
    for team in teams:
        await asyncio.sleep(0)
        try:
            team.name = "red"
            db.commit()
        except IntegrityError:
            db.rollback()
            failed.append(team.name)
    return [failed, [team.name for team in teams]]


@app.post("/counted")
async def counted(db: Session = Depends(get_db)):  # stays: read-after-rollback
    """A user that is expired gets another time of change by the same name."""
    users = db.scalars(select(User).order_by(User.id)).all()
    for user in users:
        await asyncio.sleep(0)
        try:
            user.name = "ben"
            db.commit()
        except IntegrityError:
            db.rollback()
    return [user.name for user in users]


@app.post("/posts/{number}")
async def posts(number: int, db: Session = Depends(get_db)):
    user = db.get(User, number)
    titles = [post.title for post in user.posts]
    await asyncio.sleep(0)
    if len(titles) > 1:
        user.name = "lost"
        db.flush()
        db.rollback()
    return [user.name, [post.title for post in user.posts], user.team.name]  # stays: written-between


@app.post("/tried")
async def tried(db: Session = Depends(get_db)):
    user = db.get(User, 2)
    await asyncio.sleep(0)
    tagged(db, None)
    return user.name


def tagged(db: Session, name: str | None):  # stays: deferred
    db.add(Tag(name=name))
    return kept(db)


def kept(db: Session):  # stays: deferred
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        return False
    return True


@app.post("/sorted")
def by_title(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    return sorted(user.posts, key=lambda post: (tagged(db, None), post.title))[0].title


@app.post("/raising")
async def raising(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    await asyncio.sleep(0)
    attempts(db)
    return user.name


@app.post("/deleted")
async def deleted(name: str | None = Form(None), db: Session = Depends(get_db)):
    user = db.get(User, 2)
    await asyncio.sleep(0)
    db.delete(user)
    db.flush()
    if name is None:
        db.rollback()
    return user.name


@app.post("/owned")
async def owned(user: User = Depends(owner), db: Session = Depends(get_db)):
    await asyncio.sleep(0)
    return [user.name, db.get(Team, 2).name]
