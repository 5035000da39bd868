"""Endpoints that cannot await inside, and others that share the session of their requests."""

import asyncio
from typing import Optional

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import SessionLocal, get_db
from models import Post, Tag, Team, User
from reports import Report, Shelf, get_report, get_shelf, names_of

app = FastAPI()


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    titles: list[str] = []


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    team: Optional[TeamOut] = None


def current(ident: int = 1, db: Session = Depends(get_db)) -> User:
    # What is in the way here is in the way of nobody else.
    team = db.get(Team, 1)
    found = [(user := db.get(User, ident)), user.team, team][0]
    if found is None:
        raise HTTPException(404)
    return found


@app.get("/me")
def me(user: User = Depends(current)):
    return user.name


@app.get("/report")
def report(first: int = 0, last: int | None = None, report: Report = Depends(get_report)) -> list[str]:
    """The names, in pages.

    The request has a session, though this function has none.
    """
    last = last or 2  # for good
    text = """
        one line
    and another
"""
    rows = []
    for row in report:
        rows.append(row)

    # What comes last.
    return [*rows[first:last], text]


@app.post("/tags")
def replace_tags(
    ident: int,
    names: list[str],
    user: User = Depends(current),
    db: Session = Depends(get_db),
):
    post = db.get(Post, ident)
    if not names: names = ["none"]  # fmt: skip
    post.tags = other = [Tag(name=name) for name in names]

    def described(tag):
        return f"{tag.name} of {user.name}, {len(user.posts)}"

    db.commit()
    return [described(tag) for tag in other]


@app.post("/preview")
def preview(name: str, db: Session = Depends(get_db)):
    """Nothing of it is kept."""
    post = db.get(Post, 1)
    post.tags = post.author.posts[1].tags = [Tag(name=name)]
    db.flush()
    return len(db.scalars(select(Tag)).all())


@app.get("/users/{ident}", response_model=UserOut)
async def read_user(ident: int, db: Session = Depends(get_db)):
    if ident in Shelf(db):
        user = db.get(User, ident)
        if user.team is None:
            user.team = db.get(Team, 1)
        return user
    raise HTTPException(404)


@app.get("/shelf")
def on_shelf(shelf: Shelf = Depends(get_shelf)):
    return [title for title in shelf]


@app.get("/names")
def names(db: Session = Depends(get_db)):
    return names_of(db)


@app.get("/loop")
def in_a_loop(db: Session = Depends(get_db)):  # stays: event-loop
    async def count(rows):
        return len(rows)

    return asyncio.run(count([row for row in Report(db)]))


@app.get("/apart")
def apart(db: Session = Depends(get_db)):  # stays: implicit-call
    # With a session of its own it would block the event loop.
    return [[row for row in Report(db)], count_tags()]


@app.get("/called")
def called(db: Session = Depends(get_db)):
    return [row for row in Report(db)]


def first_called(db: Session) -> str:
    return called(db)[0]


@app.get("/one-line")
def one_line(db: Session = Depends(get_db)): return [row for row in Report(db)]  # fmt: skip  # stays: implicit-call


def count_tags() -> int:  # stays: sync-session
    with SessionLocal() as db:
        return len(db.scalars(select(Tag)).all())


@app.get("/unpacked")
def unpacked(db: Session = Depends(get_db)):  # stays: session-for-later
    given = {"db": db}
    return [[row for row in Report(**given)], [title for title in Shelf(*given.values())]]


@app.get("/unpacked-only")
def unpacked_only(db: Session = Depends(get_db)):
    given = {"db": db}
    return [row for row in Report(**given)]


@app.get("/called-by-others", response_model=UserOut)
def called_by_others(db: Session = Depends(get_db)):
    return db.scalars(select(User).order_by(User.id)).all()[-1]


@app.get("/others")
def others(db: Session = Depends(get_db)):
    return [called_by_others(db).name, called_by_others(db).posts[0].title]


@app.get("/shown", response_model=list[UserOut])
def shown(db: Session = Depends(get_db)):
    if 1 in Shelf(db):
        return db.scalars(select(User).order_by(User.id)).all()
    return []


@app.get("/counted")
def counted(db: Session = Depends(get_db)):
    users = db.scalars(select(User).order_by(User.id)).all() if 1 in Shelf(db) else []
    return [len(user.posts) for user in users]
