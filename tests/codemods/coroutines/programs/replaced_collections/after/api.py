from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from session import SessionDep
from models import Post, Tag, Team, User

app = FastAPI()


def _(text: str) -> str:
    return text.upper()


async def tag(db: AsyncSession, post: Post, *names: str) -> Post:
    tags = [Tag(name=name) for name in names]
    post.tags = tags
    await db.commit()
    await db.refresh(post, attribute_names=["tags"])
    return post


@app.post("/tagged")
async def tagged(db: SessionDep):
    post = await tag(db, await db.get(Post, 1, options=[selectinload(Post.tags)]), "fresh", "new")
    return [t.name for t in post.tags]


@app.post("/queried")
async def queried(db: SessionDep):
    post = await db.get(Post, 2, options=[selectinload(Post.tags)])
    post.tags = (await db.scalars(select(Tag).where(Tag.name != "news").order_by(Tag.id))).all()
    await db.commit()
    await db.refresh(post, attribute_names=["tags"])
    return [t.name for t in post.tags]


@app.post("/translated")
async def translated(db: SessionDep):
    post = await db.get(Post, 3, options=[selectinload(Post.tags)])
    post.tags = [Tag(name=_("loud"))]
    await db.commit()
    await db.refresh(post, attribute_names=["tags"])
    return [t.name for t in post.tags]


@app.post("/made")
async def made(db: SessionDep):
    post = Post(title="made", author_id=1)
    post.tags = [Tag(name="first")]
    db.add(post)
    await db.commit()
    await db.refresh(post, attribute_names=["tags"])
    return len(post.tags)


@app.post("/moved")
async def moved(db: SessionDep):
    user = await db.get(User, 1)
    user.team = await db.get(Team, 2)
    await db.commit()
    return user.team_id
