from concurrent.futures import ThreadPoolExecutor

from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

import deps
from database import get_db
from deps import Context, context, current_user, require, summary
from models import User
from others import others

app = FastAPI()
app.include_router(others)


def counted(db: Session) -> int:  # stays: not-reached
    return len(db.scalars(select(User)).all())


@app.get("/me")
def me(user: User = Depends(current_user), db: Session = Depends(get_db)):
    return [user.name, len(db.scalars(select(User)).all())]


@app.get("/context")
def shown(found: Context = Depends(context), db: Session = Depends(get_db)):
    return [found.user, found.tags, len(db.scalars(select(User)).all())]


@app.get("/required")
def required(user: User = Depends(require(1)), db: Session = Depends(get_db)):
    return [user.name, len(db.scalars(select(User)).all())]


@app.get("/optional")
async def optional(name: str = "", db: Session = Depends(get_db)):
    user = await current_user(f"Bearer {name}", db) if name else None
    return user.name if user else None


@app.get("/count")
def count(user: User = Depends(current_user), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [user.name, pool.submit(counted, db).result()]


@app.get("/many")
def many(user: User = Depends(require(0)), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [user.name, pool.submit(counted, db).result()]


@app.get("/dashboard")
def dashboard(user: User = Depends(current_user), db: Session = Depends(get_db)):  # stays: session-for-later
    found = context(user, db) if user.name == "ada" else deps.context(db=db, user=user)
    with ThreadPoolExecutor(1) as pool:
        return [found.user, found.tags, pool.submit(counted, db).result()]


@app.get("/summary")
def summed_up(found: str = Depends(summary), db: Session = Depends(get_db)):
    return [found, len(db.scalars(select(User)).all())]


@app.get("/summaries")
def summaries(found: str = Depends(summary), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [found, pool.submit(counted, db).result()]
