from concurrent.futures import ThreadPoolExecutor

from alchemove import session_depends
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import User
from services import Notes
from session import get_session

app = FastAPI()


async def current_user(name: str = "ada", db: AsyncSession = session_depends(get_session)):
    return await db.run_sync(lambda db: sync_current_user(name, db))


def sync_current_user(name: str = "ada", db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.name == name)).first()
    if user is None:
        raise HTTPException(401, "who")
    return user


@app.get("/me")
async def me(user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)):
    return [user.name, len((await db.scalars(select(User))).all())]


@app.get("/count")
def count(user: User = Depends(sync_current_user), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [user.name, pool.submit(Notes(db).count, user.name).result()]


@app.get("/latest")
async def latest(user: User = Depends(sync_current_user), db: Session = Depends(get_db)):
    """It asks the database for nothing, and gives its session to an object that has a sync one everywhere."""
    notes = Notes(db)
    return [user.name, await notes.latest(user.name)]
