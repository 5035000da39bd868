from typing import List

from session import SessionDep
from alchemove import rollback_and_reload
from fastapi import FastAPI, HTTPException
from models import Post, Tag, Team, User
from pydantic import BaseModel, ConfigDict
from queries import Posts, Users, narrowed, of_author, paged, posts
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

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


class Full(PostOut):
    author: UserOut


@app.get("/of/{number}", response_model=List[PostOut])
async def of(number: int, db: SessionDep):
    return await db.run_sync(lambda db: of_author(db, number).order_by(Post.id).options(selectinload(Post.tags)).all())


@app.get("/both", response_model=List[Full])
async def both(db: SessionDep):
    return await db.run_sync(lambda db: of_author(db, 1).union(of_author(db, 3)).order_by(Post.id).options(selectinload(Post.author), selectinload(Post.tags)).all())


@app.get("/narrowed")
async def narrow(db: SessionDep):
    found = await db.run_sync(lambda db: narrowed(narrowed(posts(db), "one"), "two").order_by(Post.id).options(joinedload(Post.author)).all())
    return [post.author.name for post in found]


@app.get("/paged")
async def page(db: SessionDep):
    return [[tag.name for tag in await db.run_sync(lambda _: post.tags)] for post in (await db.run_sync(lambda db: paged(of_author(db, 1), 2)))["items"]]  # stays: unknown-origin


@app.get("/count")
async def count(db: SessionDep):
    return await db.run_sync(lambda db: of_author(db, 1).count())


@app.get("/titles/{number}")
async def titles(number: int, db: SessionDep):
    found = await Users(db).find(number)  # of two methods of this name, the one of its class
    return [post.title for post in found.posts]


@app.post("/move/{number}", response_model=Full)
async def move(number: int, author: int, db: SessionDep):
    post = await Posts(db).find(number)
    user = await db.get(User, author)
    if user is None:
        raise HTTPException(404)
    try:
        post.author = user
        db.add(Team(name="green"))
        await db.commit()
    except Exception:
        await db.rollback()
        raise
    return post


@app.post("/tag/{number}", response_model=Full)
async def tag(number: int, db: SessionDep):
    post = await db.run_sync(lambda db: db.query(Post).filter(Post.id == number).first())
    try:
        (await db.run_sync(lambda _: post.tags)).append(Tag(name="late"))  # stays: written-between
        await db.commit()
        await db.refresh(post, attribute_names=["author", "tags"])
    except Exception:
        await db.rollback()
        raise
    return post


@app.post("/try/{number}")
async def attempt(number: int, db: SessionDep):
    post = await db.run_sync(lambda db: db.query(Post).filter(Post.id == number).first())
    try:
        post.title = None
        await db.commit()
    except Exception:
        await db.run_sync(rollback_and_reload)
    return (await db.run_sync(lambda _: post.author)).name  # stays: written-between


@app.get("/fresh")
async def fresh(db: SessionDep):
    statement = select(Post).order_by(Post.id).execution_options(populate_existing=True).options(selectinload(Post.author), selectinload(Post.tags))
    return [[post.author.name, len(post.tags)] for post in await db.scalars(statement)]


@app.post("/fresh/{number}")
async def freshened(number: int, db: SessionDep):
    user = (await db.scalars(select(User).where(User.id == number))).one()
    user.logins = 5
    statement = select(Post).where(Post.author_id == number).execution_options(populate_existing=True, autoflush=False)
    found = [(await db.run_sync(lambda _: post.author)).logins for post in await db.scalars(statement)]  # stays: statement-form
    await db.commit()
    return found


@app.get("/users")
async def users(db: SessionDep):
    return await db.scalar(select(func.count(User.id)))


def named(db: Session):  # stays: awaited-inside
    return db.query(User).filter(User.name > "").order_by(User.id)


@app.get("/gone-through")
async def gone_through(db: SessionDep):
    found = await db.run_sync(lambda db: named(db).options(selectinload(User.posts)))
    return [[post.title for post in user.posts] for user in await db.run_sync(lambda _: found.all())] + [user.name for user in await db.run_sync(lambda db: named(db).limit(2).all())]


@app.get("/indexed")
async def indexed(db: SessionDep):
    first, *others = await db.run_sync(lambda db: named(db).all())
    return [(await db.run_sync(lambda db: named(db)[1])).name, len(await db.run_sync(lambda db: named(db)[:2])), first.name, len(others), first in await db.run_sync(lambda db: named(db).all())]


@app.get("/numbered")
async def numbered(db: SessionDep):
    return [[number, user.name] for number, user in enumerate(await db.run_sync(lambda db: named(db).all()))] + [len([*await db.run_sync(lambda db: named(db).all())])]
