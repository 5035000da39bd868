from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Post, Team, User
from session import SessionDep

app = FastAPI()


async def posts_of(db: AsyncSession, user: User) -> int:
    return await db.scalar(select(func.count(Post.id)).where(Post.author_id == user.id))


async def label(db: AsyncSession, user: User) -> str:
    return f"{user.name}: {await posts_of(db, user)}"


async def users_of(db: AsyncSession) -> list[User]:
    return list(await db.scalars(select(User).order_by(User.id)))


def is_idle(db: Session, user: User) -> bool:  # stays: deferred
    return db.scalar(select(Post.id).where(Post.author_id == user.id).limit(1)) is None


def members(db: Session, team: Team) -> list[str]:  # stays: deferred
    return list(db.scalars(select(User.name).where(User.team_id == team.id).order_by(User.id)))


def seen(db: Session, user: User) -> int:  # stays: deferred
    return db.scalar(select(func.count(Post.id)).where(Post.author_id == user.id))


@app.get("/figures")
async def figures(db: SessionDep):
    users = await users_of(db)
    return {
        "total": sum([await posts_of(db, user) for user in users]),
        "some": sum([await posts_of(db, user) for user in users if await posts_of(db, user)], 100),
        "sorted": sorted([await label(db, user) for user in await users_of(db)], reverse=True),
        "most": max([await posts_of(db, user) for user in users]),
        "joined": ", ".join([await label(db, user) for user in users]),
        "by name": dict([(user.name, await posts_of(db, user)) for user in users]),
        "as list": [await label(db, user) for user in users],
        "as set": len({await posts_of(db, user) for user in users}),
        "listed": [await label(db, user) for user in users if await posts_of(db, user)],
        "no wait": sum(len(name) for name in (user.name for user in await users_of(db))),
    }


@app.get("/lazily")
async def lazily(db: SessionDep):
    users = await users_of(db)
    return {"idle": await db.run_sync(lambda db: any(is_idle(db, user) for user in users))}


@app.get("/later")
def kept(db: Session = Depends(get_db)):  # stays: consumed-generator
    later = (seen(db, user) for user in db.scalars(select(User)))
    return {"first": next(later, None)}


@app.get("/nested")
async def nested(db: SessionDep):
    teams = (await db.scalars(select(Team).order_by(Team.id))).all()
    return await db.run_sync(lambda db: [[name.title() for name in members(db, team)] + [len(members(db, t)) for t in teams] for team in teams])
