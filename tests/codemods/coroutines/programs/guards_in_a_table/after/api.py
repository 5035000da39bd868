from alchemove import session_depends
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from session import get_session
from guards import author
from models import Post, User

app = FastAPI()


@app.get("/posts")
async def posts(user: User = Depends(author), db: AsyncSession = session_depends(get_session)):
    return [user.name, list(await db.scalars(select(Post.title).order_by(Post.id).limit(2)))]
