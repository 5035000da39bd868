from concurrent.futures import ThreadPoolExecutor

from alchemove import session_depends
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

import deps
from database import get_db
from deps import Context, context, current_user, require, summary, sync_context, sync_current_user, sync_require, sync_summary
from models import User
from others import others
from session import get_session

app = FastAPI()
app.include_router(others)


def counted(db: Session) -> int:  # stays: not-reached
    return len(db.scalars(select(User)).all())


@app.get("/me")
async def me(user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)):
    return [user.name, len((await db.scalars(select(User))).all())]


@app.get("/context")
async def shown(found: Context = Depends(context), db: AsyncSession = session_depends(get_session)):
    return [found.user, found.tags, len((await db.scalars(select(User))).all())]


@app.get("/required")
async def required(user: User = Depends(require(1)), db: AsyncSession = session_depends(get_session)):
    return [user.name, len((await db.scalars(select(User))).all())]


@app.get("/optional")
async def optional(name: str = "", db: AsyncSession = session_depends(get_session)):
    user = await current_user(f"Bearer {name}", db) if name else None
    return user.name if user else None


@app.get("/count")
def count(user: User = Depends(sync_current_user), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [user.name, pool.submit(counted, db).result()]


@app.get("/many")
def many(user: User = Depends(sync_require(0)), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [user.name, pool.submit(counted, db).result()]


@app.get("/dashboard")
def dashboard(user: User = Depends(sync_current_user), db: Session = Depends(get_db)):  # stays: session-for-later
    found = sync_context(user, db) if user.name == "ada" else deps.sync_context(db=db, user=user)
    with ThreadPoolExecutor(1) as pool:
        return [found.user, found.tags, pool.submit(counted, db).result()]


@app.get("/summary")
async def summed_up(found: str = Depends(summary), db: AsyncSession = session_depends(get_session)):
    return [found, len((await db.scalars(select(User))).all())]


@app.get("/summaries")
def summaries(found: str = Depends(sync_summary), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [found, pool.submit(counted, db).result()]
