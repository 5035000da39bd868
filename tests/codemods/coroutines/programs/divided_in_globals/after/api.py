from concurrent.futures import ThreadPoolExecutor

from alchemove import session_depends
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from typing import Annotated

import deps
from database import get_db
from deps import Ada, Bob, Some, SyncBob, SyncSome, few, only_ada, require_ada, require_some, same_user, some, sync_only_ada, sync_require_ada, sync_require_some, sync_some
from models import Tag, User
from session import SessionDep, get_session

app = FastAPI()


def count(db: Session) -> int:  # stays: not-reached
    return len(db.scalars(select(Tag)).all())


def elsewhere(db: Session) -> int:  # stays: shared-request
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(count, db).result()


@app.get("/ada")
async def ada(user: User = Depends(only_ada), db: AsyncSession = session_depends(get_session)):
    return [user.name, len((await db.scalars(select(Tag))).all())]


@app.get("/some")
async def of_some(user: User = Depends(some), other: User = Depends(require_some), db: AsyncSession = session_depends(get_session)):
    return [user.name, other.name, len((await db.scalars(select(Tag))).all())]


@app.get("/named")
async def named(user: Some, other: User = Bob, db: AsyncSession = session_depends(get_session)):
    return [user.name, other.name, len((await db.scalars(select(Tag))).all())]


@app.get("/alias")
async def alias(user: Ada, db: SessionDep):
    return [user.name, len((await db.scalars(select(Tag))).all())]


@app.get("/same")
async def same(user: User = Depends(same_user), db: AsyncSession = session_depends(get_session)):
    return [user.name, len((await db.scalars(select(Tag))).all())]


@app.get("/count/ada")
def count_ada(user: User = Depends(deps.sync_only_ada), db: Session = Depends(get_db)):  # stays: session-for-later
    return [user.name, elsewhere(db)]


@app.get("/count/some")
def count_some(  # stays: session-for-later
    user: User = Depends(sync_some), other: User = Depends(sync_require_some), db: Session = Depends(get_db)
):
    return [user.name, other.name, elsewhere(db)]


@app.get("/count/named")
def count_named(user: SyncSome, other: User = Depends(sync_require_ada), db: Session = Depends(get_db)):  # stays: session-for-later
    return [user.name, other.name, elsewhere(db)]


@app.get("/count/bob")
def count_bob(user: User = SyncBob, db: Session = Depends(get_db)):  # stays: session-for-later
    return [user.name, elsewhere(db)]


@app.get("/count/alias")
def count_alias(user: Annotated[User, Depends(sync_only_ada)], db: Session = Depends(get_db)):  # stays: session-for-later
    return [user.name, elsewhere(db)]


@app.get("/count/inline")
def count_inline(  # stays: session-for-later
    user: User = Depends(deps.SyncNamed("ada", "bob")), db: Session = Depends(get_db)
):
    return [user.name, elsewhere(db)]


@app.get("/few")
def counted(number: int = Depends(few), db: Session = Depends(get_db)):  # stays: shared-request
    return [number, len(db.scalars(select(Tag)).all())]


@app.get("/count/few")
def count_few(number: int = Depends(few), db: Session = Depends(get_db)):  # stays: shared-request
    return [number, elsewhere(db)]
