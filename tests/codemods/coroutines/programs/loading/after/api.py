from typing import List, Optional

from collections.abc import Sequence
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from session import SessionDep
from models import Post, Team, User

app = FastAPI()


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TeamOut(Out):
    name: str


class UserOut(Out):
    name: str
    team: Optional[TeamOut]
    titles: List[str]


class PostOut(Out):
    title: str
    author: UserOut


class Page(BaseModel):
    items: List[PostOut]
    total: int


class Plain(Out):
    name: str


async def load(db: AsyncSession, name: str, options: Sequence[ORMOption] = ()) -> User:
    return (await db.scalars(select(User).where(User.name == name).options(selectinload(User.posts)).options(*options))).one()


@app.get("/teams/{name}")
async def team(name: str, db: SessionDep):
    found = (await db.scalars(select(Team).where(Team.name == name).options(selectinload(Team.users).selectinload(User.posts)))).first()
    return {"members": [user.name for user in found.users], "first": found.users[0].posts[0].title}


@app.get("/teams/{name}/eager")
async def eager(name: str, db: SessionDep):
    statement = select(Team).where(Team.name == name).options(selectinload(Team.users).selectinload(User.posts))
    return [len(user.posts) for user in (await db.scalars(statement)).one().users]


@app.get("/rows")
async def rows(db: SessionDep):
    found = (await db.execute(select(User, Post).join(Post, Post.author_id == User.id).order_by(Post.id).options(selectinload(User.team), selectinload(Post.author)))).all()
    return [[user.team.name, post.author.name, post.title] for user, post in found]


@app.get("/users/{name}", response_model=UserOut)
async def user(name: str, db: SessionDep):
    return await load(db, name, options=[selectinload(User.posts), joinedload(User.team)])


@app.get("/plain/{name}", response_model=Plain)
async def plain(name: str, db: SessionDep):
    return await load(db, name)


@app.get("/posts", response_model=List[PostOut])
async def posts(db: SessionDep):
    return (await db.scalars(select(Post).order_by(Post.id).options(joinedload(Post.author).options(selectinload(User.posts), joinedload(User.team))))).all()


@app.get("/page")
async def page(db: SessionDep) -> Page:
    items = (await db.scalars(select(Post).order_by(Post.id).options(joinedload(Post.author).options(selectinload(User.posts), joinedload(User.team))))).all()
    return {"items": items, "total": len(items)}


@app.post("/users/{name}/rename")
async def rename(name: str, to: str, db: SessionDep):
    found = await load(db, name)
    found.name = to
    await db.commit()
    await db.refresh(found, attribute_names=["changed_at"])
    return {"changed": found.changed_at is not None, "name": found.name, "titles": found.titles}


@app.post("/users")
async def create(name: str, db: SessionDep):
    made = User(name=name)
    db.add(made)
    await db.commit()
    await db.refresh(made, attribute_names=["posts", "team"])
    return {"posts": len(made.posts), "team": made.team is None}
