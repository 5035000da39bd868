from typing import List

from session import SessionDep
from fastapi import Depends, FastAPI
from models import Post, User
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from store import Service, Users, any_post, counted, everybody, first_post, oldest, post_of

app = FastAPI()


class TagOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str
    tags: List[TagOut]


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    posts: List[PostOut]


@app.get("/users/{number}/name")
async def name(number: int, db: SessionDep):
    return (await Service(db).user(number)).name


@app.get("/users/{number}/logins")
async def logins(number: int, db: SessionDep):
    return (await Service(db).checked(number, active=False)).logins


@app.get("/users/{number}/known")
async def known(number: int, db: SessionDep):
    return (await Users(db).find(number)).id == number


@app.get("/users/{number}/whole", response_model=UserOut)
async def whole(number: int, db: SessionDep):
    return await Service(db).checked(number, active=True, options=[selectinload(User.posts).selectinload(Post.tags)])


@app.get("/users/{number}/team")
async def team(number: int, db: SessionDep):
    user = await Users(db).find(number=number, options=[joinedload(User.team)])
    return user.team.name


@app.get("/both")
async def both(db: SessionDep):
    return [len(user.posts) for user in await Users(db).named("ada", "ben", options=[selectinload(User.posts)])]


@app.get("/named")
async def named(db: SessionDep):
    return [user.name for user in await Users(db).named("ada", "ben")]


@app.get("/some")
async def some(db: SessionDep):
    return [user.logins for user in await Users(db).named("cleo")]


@app.get("/posts/{number}/author")
async def author(number: int, db: SessionDep):
    return (await db.run_sync(lambda db: post_of(db, number, author_id=1).author)).name  # stays: rarely-read


@app.get("/posts/{number}/title")
async def title(number: int, db: SessionDep):
    return (await db.run_sync(post_of, number)).title


@app.get("/posts/{number}/again")
async def again(number: int, db: SessionDep):
    return (await db.run_sync(post_of, number)).title


@app.get("/first/tags")
async def first_tags(db: SessionDep):
    return [tag.name for tag in await db.run_sync(lambda db: first_post(db).tags)]  # stays: unknown-origin


@app.get("/first/title")
async def first_title(db: SessionDep):
    return (await db.run_sync(first_post)).title


@app.get("/first/id")
async def first_id(db: SessionDep):
    return (await db.run_sync(first_post)).id


@app.get("/last/tags")
async def last_tags(db: SessionDep):
    return [tag.name for tag in await db.run_sync(lambda db: any_post(db).tags)]  # stays: rarely-read


@app.get("/last/title")
async def last_title(db: SessionDep):
    return (await db.run_sync(any_post)).title


@app.get("/last/id")
async def last_id(db: SessionDep):
    return (await db.run_sync(any_post)).id


async def current(number: int, db: SessionDep) -> User:
    return (await db.scalars(select(User).where(User.id == number))).one()


@app.get("/current/{number}/titles")
async def titles(session: SessionDep, user: User = Depends(current)):
    return [post.title for post in await session.run_sync(lambda _: user.posts)]  # stays: rarely-read


@app.get("/current/{number}/id")
def current_id(user: User = Depends(current)):
    return user.id


@app.get("/current/{number}/name")
def current_name(user: User = Depends(current)):
    return user.name


@app.get("/everybody/posts")
async def posts_of_everybody(db: SessionDep):
    return [len(user.posts) for user in await db.run_sync(everybody, options=[selectinload(User.posts)])]


@app.get("/everybody/names")
async def names_of_everybody(db: SessionDep):
    return await db.run_sync(lambda db: sorted((user.name for user in everybody(db)), key=lambda name: oldest(db)))


@app.get("/everybody/first")
async def first_of_everybody(db: SessionDep):
    return await db.run_sync(lambda db: sorted((1, 2), key=lambda number: oldest(db)))


@app.get("/everybody/number")
async def number_of_everybody(db: SessionDep):
    return await db.run_sync(lambda db: sorted((1, 2), key=lambda number: counted(db)))
