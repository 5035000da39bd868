from datetime import datetime
from typing import List, Optional

from crud import created, drop, publish, rename
from session import SessionDep
from alchemove import discard_uncommitted
from fastapi import FastAPI, HTTPException
from models import Post, Tag, Team, User
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

app = FastAPI()


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    changed_at: Optional[datetime]


class Whole(UserOut):
    team: Optional[TeamOut]
    posts: List[PostOut]


@app.post("/users/{name}", response_model=Whole, response_model_exclude={"changed_at"})
async def create(name: str, db: SessionDep):
    user = User(name=name, team_id=1)
    db.add(user)
    await db.commit()
    await db.refresh(user)  # its columns
    await db.refresh(user, attribute_names=["posts", "team"])
    return user


@app.post("/flushed/{name}")
async def flushed(name: str, db: SessionDep):
    def in_session(db: Session):
        user = User(name=name)
        db.add(user)
        db.flush()
        found = [user.team, len(user.posts)]
        db.commit()
        return found

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.post("/counted/{name}")
async def counted(name: str, db: SessionDep):
    user = User(name=name)
    db.add(user)
    await db.flush()
    await db.refresh(user, attribute_names=["posts", "team"])
    found = [user.team is None, len(user.posts)]
    await db.commit()
    return found


@app.post("/given/{name}")
async def given(name: str, db: SessionDep):
    discard_uncommitted(db)
    user = User(name=name, posts=[Post(title="b"), Post(title="a")])
    db.add(user)
    await db.flush()
    return [post.title for post in await db.run_sync(lambda _: user.posts)]  # it has what it was given  # stays: new-object


@app.post("/any/{name}")
async def anything(name: str, db: SessionDep):
    user = await created(db, User, name=name)
    await db.commit()
    return await db.run_sync(lambda _: user.team)  # stays: unknown-origin


@app.post("/posts/{title}")
async def write(title: str, db: SessionDep):
    post = await publish(db, title, 1)
    return [post.author.name, len(post.tags)]


@app.post("/rename/{number}/{name}", response_model=UserOut, response_model_exclude={"changed_at"})
async def renamed(number: int, name: str, db: SessionDep):
    return await rename(db, number, name)


@app.patch("/users/{number}")
async def move(number: int, team: int, db: SessionDep):
    user = await db.get(User, number)
    if user is None:
        raise HTTPException(404)
    user.team_id = team
    await db.commit()
    await db.refresh(user, attribute_names=["changed_at", "team"])
    return [user.team.name, user.changed_at is not None]


@app.patch("/maybe/{number}")
async def maybe(number: int, db: SessionDep):
    user = await db.get(User, number, options=[joinedload(User.team)])
    await db.commit()
    return user.team.name if user else None


@app.post("/later/{name}")
async def later(name: str, db: SessionDep):
    discard_uncommitted(db)
    user = User(name=name)
    db.add(user)
    await db.commit()
    db.add(Post(title="late", author_id=user.id))
    await db.flush()
    return [post.title for post in await db.run_sync(lambda _: user.posts)]  # stays: new-object


@app.post("/each")
async def each(names: List[str], db: SessionDep):
    found = []
    for name in names:
        user = User(name=name)
        db.add(user)
        await db.commit()
        await db.refresh(user, attribute_names=["posts"])
        found.append(len(user.posts))
    return found


@app.post("/one-line/{name}")
async def one_line(name: str, db: SessionDep):
    user = User(name=name)
    db.add(user); await db.commit()
    return len(await db.run_sync(lambda _: user.posts))  # stays: new-object


@app.get("/users/{number}", response_model=UserOut, response_model_exclude={"changed_at"})
async def read(number: int, db: SessionDep):
    return (await db.scalars(select(User).where(User.id == number))).one()


@app.get("/users", response_model=List[UserOut], response_model_exclude={"__all__": {"changed_at"}})
async def users(db: SessionDep):
    return (await db.scalars(select(User).order_by(User.id))).all()


@app.get("/teams/{number}")
async def team(number: int, db: SessionDep):
    found = (await db.scalars(select(Team).where(Team.id == number))).one()
    return [await db.run_sync(lambda _: user.changed_at) is None for user in await db.run_sync(lambda _: found.users)]  # stays: shown-as-loaded


@app.post("/touch/{number}")
async def touch(number: int, db: SessionDep):
    user = (await db.scalars(select(User).where(User.id == number))).one()
    user.logins += 1
    await db.flush()
    await db.refresh(user, attribute_names=["changed_at"])
    when = user.changed_at
    await db.flush()
    return when is None


@app.post("/everybody")
async def everybody(db: SessionDep):
    discard_uncommitted(db)
    user = (await db.scalars(select(User).order_by(User.id))).first()
    await db.execute(update(User).values(logins=7))
    return await db.run_sync(lambda _: user.changed_at) is None  # stays: server-value


@app.post("/tagged/{number}")
async def tagged(number: int, db: SessionDep):
    post = (await db.scalars(select(Post).where(Post.id == number))).one()
    (await db.run_sync(lambda _: post.tags)).append(Tag(name="more"))  # stays: written-between
    await db.commit()
    await db.refresh(post, attribute_names=["tags"])
    return [tag.name for tag in post.tags]


@app.post("/gone/{name}")
async def gone(name: str, db: SessionDep):
    team = Team(name=name)
    db.add(team)
    await db.commit()
    await db.delete(team)
    await db.commit()
    return len(await db.run_sync(lambda _: team.users))  # stays: new-object


@app.post("/dropped/{name}")
async def dropped(name: str, db: SessionDep):
    team = Team(name=name)
    db.add(team)
    await db.commit()
    await drop(db, team)
    await db.commit()
    return len(await db.run_sync(lambda _: team.users))  # stays: new-object


@app.post("/kept/{name}")
async def kept(name: str, db: SessionDep):
    user = User(name=name)
    other = User(name=name + "2")
    db.add_all([user, other])
    await db.commit()
    await db.delete(other)
    await db.commit()
    await db.refresh(user, attribute_names=["posts"])
    return len(user.posts)
