"""Endpoints that cannot await inside, and others that share the session of their requests."""

import asyncio
from typing import Optional

from alchemove import discard_uncommitted, session_depends
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, joinedload, selectinload

from database import SessionLocal, get_db
from models import Post, Tag, Team, User
from reports import Report, Shelf, get_report, get_shelf, names_of
from session import SessionDep, get_session

app = FastAPI()


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    titles: list[str] = []


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    team: Optional[TeamOut] = None


async def current(ident: int = 1, db: AsyncSession = session_depends(get_session)) -> User:
    # What is in the way here is in the way of nobody else.
    team = await db.get(Team, 1)
    found = [(user := await db.get(User, ident, options=[joinedload(User.team)])), user.team, team][0]
    if found is None:
        raise HTTPException(404)
    return found


@app.get("/me")
def me(user: User = Depends(current)):
    return user.name


@app.get("/report")
async def report(session: SessionDep, first: int = 0, last: int | None = None, report: Report = Depends(get_report)) -> list[str]:
    """The names, in pages.

    The request has a session, though this function has none.
    """

    def in_session(_: Session) -> list[str]:
        nonlocal last

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

    return await session.run_sync(in_session)


@app.post("/tags")
async def replace_tags(
    ident: int,
    names: list[str],
    user: User = Depends(current),
    db: AsyncSession = session_depends(get_session),
):
    def in_session(db: Session):
        nonlocal names

        post = db.get(Post, ident)
        if not names: names = ["none"]  # fmt: skip
        post.tags = other = [Tag(name=name) for name in names]

        def described(tag):
            return f"{tag.name} of {user.name}, {len(user.posts)}"

        db.commit()
        return [described(tag) for tag in other]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.post("/preview")
async def preview(name: str, db: SessionDep):
    """Nothing of it is kept."""
    discard_uncommitted(db)

    def in_session(db: Session):
        post = db.get(Post, 1)
        post.tags = post.author.posts[1].tags = [Tag(name=name)]
        db.flush()
        return len(db.scalars(select(Tag)).all())

    return await db.run_sync(in_session)


@app.get("/users/{ident}", response_model=UserOut)
async def read_user(ident: int, db: SessionDep):
    discard_uncommitted(db)

    def in_session(db: Session):
        if ident in Shelf(db):
            user = db.get(User, ident)
            if user.team is None:
                user.team = db.get(Team, 1)
            return UserOut.model_validate(user)
        raise HTTPException(404)

    return await db.run_sync(in_session)


@app.get("/shelf")
async def on_shelf(session: SessionDep, shelf: Shelf = Depends(get_shelf)):
    def in_session(_: Session):
        return [title for title in shelf]

    return await session.run_sync(in_session)


@app.get("/names")
async def names(db: SessionDep):
    return await names_of(db)


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
async def called(db: SessionDep):
    return await db.run_sync(sync_called)


def sync_called(db: Session = Depends(get_db)):
    return [row for row in Report(db)]


async def first_called(db: AsyncSession) -> str:
    return (await db.run_sync(sync_called))[0]


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
async def unpacked_only(db: SessionDep):
    def in_session(db: Session):
        given = {"db": db}
        return [row for row in Report(**given)]

    return await db.run_sync(in_session)


@app.get("/called-by-others", response_model=UserOut)
async def called_by_others(db: SessionDep):
    return (await db.scalars(select(User).order_by(User.id).options(selectinload(User.posts), joinedload(User.team)))).all()[-1]


@app.get("/others")
async def others(db: SessionDep):
    return [(await called_by_others(db)).name, (await called_by_others(db)).posts[0].title]


@app.get("/shown", response_model=list[UserOut])
async def shown(db: SessionDep):
    def in_session(db: Session):
        if 1 in Shelf(db):
            return db.scalars(select(User).order_by(User.id).options(joinedload(User.team))).all()
        return [UserOut.model_validate(item) for item in []]

    return await db.run_sync(in_session)


@app.get("/counted")
async def counted(db: SessionDep):
    def in_session(db: Session):
        users = db.scalars(select(User).order_by(User.id)).all() if 1 in Shelf(db) else []
        return [len(user.posts) for user in users]

    return await db.run_sync(in_session)
