from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from session import SessionDep
from models import Post, Tag, Team, User

app = FastAPI()


def _(text: str) -> str:
    return text.upper()


def tag(db: Session, post: Post, *names: str) -> Post:
    tags = [Tag(name=name) for name in names]
    post.tags = tags
    db.commit()
    return post


@app.post("/tagged")
async def tagged(db: SessionDep):
    return [t.name for t in await db.run_sync(lambda db: tag(db, db.get(Post, 1), "fresh", "new").tags)]


@app.post("/queried")
async def queried(db: SessionDep):
    post = await db.get(Post, 2)
    await db.run_sync(lambda _, value: setattr(post, "tags", value), (await db.scalars(select(Tag).where(Tag.name != "news").order_by(Tag.id))).all())
    await db.commit()
    return [t.name for t in await db.run_sync(lambda _: post.tags)]


@app.post("/translated")
async def translated(db: SessionDep):
    post = await db.get(Post, 3)
    await db.run_sync(lambda _, value: setattr(post, "tags", value), [Tag(name=_("loud"))])
    await db.commit()
    return [t.name for t in await db.run_sync(lambda _: post.tags)]


@app.post("/made")
async def made(db: SessionDep):
    post = Post(title="made", author_id=1)
    await db.run_sync(lambda _: setattr(post, "tags", [Tag(name="first")]))
    db.add(post)
    await db.commit()
    return len(await db.run_sync(lambda _: post.tags))


@app.post("/moved")
async def moved(db: SessionDep):
    user = await db.get(User, 1)
    user.team = await db.get(Team, 2)
    await db.commit()
    return user.team_id
