from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from session import SessionDep
from models import Post, Team, User

app = FastAPI()


@app.get("/team")
async def team(name: str, db: SessionDep):
    """The option goes on to posts already; their team is asked for as well."""
    found = (await db.scalars(
        select(Team).where(Team.name == name).options(selectinload(Team.users).options(selectinload(User.team)).selectinload(User.posts))
    )).one()
    return [[user.name, user.team.name, [post.title for post in user.posts]] for user in found.users]


@app.get("/posts")
async def posts(db: SessionDep):
    found = await db.scalars(
        select(Post)
        .order_by(Post.id)
        .options(
            joinedload(Post.author).options(selectinload(User.posts)).joinedload(User.team),
            selectinload(Post.tags),
        )
    )
    return [
        [post.author.team.name, [other.title for other in post.author.posts], [tag.name for tag in post.tags]]
        for post in found
    ]


@app.get("/deeper")
async def deeper(db: SessionDep):
    found = await db.scalars(
        select(Team).order_by(Team.id).options(selectinload(Team.users).selectinload(User.posts).options(selectinload(Post.author)).selectinload(Post.tags))
    )
    return [
        [[post.author.name, [tag.name for tag in post.tags]] for user in team.users for post in user.posts]
        for team in found
    ]


@app.get("/last")
async def last(db: SessionDep):
    found = await db.scalars(select(Team).order_by(Team.id).options(selectinload(Team.users).selectinload(User.posts)))
    return [[[post.title for post in user.posts] for user in team.users] for team in found]


@app.get("/enough")
async def enough(db: SessionDep):
    found = await db.scalars(select(Team).order_by(Team.id).options(selectinload(Team.users).selectinload(User.posts)))
    return [[[post.title for post in user.posts] for user in team.users] for team in found]
