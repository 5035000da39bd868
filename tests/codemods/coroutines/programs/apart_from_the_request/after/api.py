from alchemove import session_depends
from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from deps import find_user, get_admin, get_count, get_current_user, get_team, visitor
from handlers import HANDLERS, first_tag
from models import Post, Tag, User
from session import get_session

app = FastAPI()


@app.get("/me")
def me(user: User = Depends(get_current_user)):
    return user.name


@app.post("/posts")
async def create(title: str, user: User = Depends(get_admin), db: AsyncSession = session_depends(get_session)):
    db.add(Post(title=title, author_id=user.id))
    await db.commit()
    return await db.scalar(select(func.count(Post.id)))


@app.post("/logins")
async def log_in(user: User = Depends(get_current_user), db: AsyncSession = session_depends(get_session)):
    db.add(user)
    user.logins += 1
    await db.commit()
    return [user.logins, (await db.run_sync(find_user, "ben")).name]


@app.get("/team")
async def team(name: str = Depends(get_team), count: int = Depends(get_count), db: AsyncSession = session_depends(get_session)):
    return [name, count, await db.scalar(select(func.count(Tag.id)))]


@app.get("/visitor")
def visited(name: str = Depends(visitor), db: Session = Depends(get_db)):  # stays: shared-request
    return [name, db.scalar(select(func.count(Tag.id)))]


@app.get("/first")
async def first(tag: str = Depends(first_tag), db: AsyncSession = session_depends(get_session)):
    return [tag, await db.scalar(select(func.count(Tag.id))), sorted(HANDLERS)]
