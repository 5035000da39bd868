from alchemove import session_depends
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from session import get_session
from guards import Allowed, Permissions, can, current_user
from models import Post, User

app = FastAPI()


@app.get("/posts")
async def posts(written: int = Depends(can("read")), page: int = Depends(lambda: 1), db: AsyncSession = session_depends(get_session)):
    return [written, page, list(await db.scalars(select(Post.title).order_by(Post.id).limit(2)))]


@app.post("/posts")
async def create(title: str, user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)):
    permissions = Permissions(user)
    if not permissions.can("write"):
        return "no"
    db.add(Post(title=title, author_id=user.id))
    await db.commit()
    await db.refresh(user, attribute_names=["posts"])
    return len(user.posts)


@app.get("/first")
async def first(title: Allowed = Depends(Allowed("read")), db: AsyncSession = session_depends(get_session)):
    return [title, (await db.scalars(select(Post.title).order_by(Post.id))).first()]


@app.get("/last")
async def last(permission: str, allowed: Allowed = Depends(), user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)):
    return await allowed(user, db)
