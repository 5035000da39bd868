"""Relationships that are read before and behind a commit, of a class whose objects are shown with whatever is loaded: they are loaded again."""

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session
from models import Post, User
from session import SessionDep

app = FastAPI()


class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    posts: list[PostOut]


@app.put("/collection")
async def collection(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 1)
        count = len(user.posts)
        db.add(Post(title="more", author_id=user.id))
        db.commit()
        return [count, len(user.posts)]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/moved")
async def moved(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 1)
        name = user.team and user.team.name
        user.team_id = 2
        db.commit()
        return [name, user.team and user.team.name]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.get("/all")
async def everyone(db: SessionDep):
    return [[u.id, u.name, u.logins] for u in await db.scalars(select(User).order_by(User.id))]


@app.put("/returned")
async def returned(db: SessionDep):
    user = User(name="shown")
    db.add(user)
    await db.commit()
    await db.refresh(user)
    return user


@app.put("/validated")
async def validated(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 2)
        count = len(user.posts)
        db.add(Post(title=f"number {count}", author_id=user.id))
        db.commit()
        return UserOut.model_validate(user)

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/refreshed")
async def refreshed(db: SessionDep):
    user = await db.get(User, 3)
    count = len(await db.run_sync(lambda _: user.posts))  # stays: shown-as-loaded
    db.add(Post(title="behind", author_id=user.id))
    await db.commit()
    await db.refresh(user)
    return [count, len(await db.run_sync(lambda _: user.posts))]  # stays: written-between
