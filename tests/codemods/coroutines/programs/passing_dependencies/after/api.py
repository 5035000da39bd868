from alchemove import discard_uncommitted, session_depends
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from session import SessionDep
from deps import TenantDb, current_user, ended, get_called_db, get_shared_db, get_tagged_db, get_tenant_db, get_unused_db, get_watched_db
from handlers import CALLBACKS
from models import Post, Tag, User

app = FastAPI()


def first(db: Session):  # stays: custom-dependency
    return db.scalars(select(Tag.name).where(Tag.id == 1)).one()


@app.get("/plain")
async def plain(db: SessionDep):
    return [await db.run_sync(first), ended]


@app.get("/tenant")
async def tenant(db: AsyncSession = Depends(get_tenant_db)):
    discard_uncommitted(db)
    return [await db.run_sync(first), db.info["tenant"]]


@app.post("/tenant")
async def create(name: str, commit: bool, db: TenantDb, user: User = Depends(current_user)):
    discard_uncommitted(db)
    db.add(Post(title=name, author_id=user.id))
    if commit:
        await db.commit()
    return [await db.scalar(select(func.count(Post.id))), user.name, len(await db.run_sync(lambda _: user.posts)), await db.run_sync(first)]  # stays: held-before


@app.get("/both")
async def both(db: TenantDb, other: SessionDep):
    discard_uncommitted(db)
    return [db is other, await db.run_sync(first), await other.run_sync(first)]


@app.get("/watched")
async def watched(name: str, db: AsyncSession = session_depends(get_watched_db)):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    if name == "wrong":
        raise ValueError(name)
    if name == "refused":
        raise HTTPException(409, name)
    return [await db.run_sync(first), await db.scalar(select(func.count(Tag.id)))]


@app.get("/tagged")
async def tagged(db: AsyncSession = Depends(get_tagged_db)):
    discard_uncommitted(db)
    return await db.run_sync(first)


@app.get("/callback")
async def callback(db: AsyncSession = Depends(get_tagged_db)):
    discard_uncommitted(db)
    return await db.run_sync(lambda db: CALLBACKS["first"](db))


@app.get("/called")
def called(db: Session = Depends(get_called_db)):  # stays: custom-dependency
    return first(db)


@app.get("/calls")
async def calls(db: SessionDep):
    discard_uncommitted(db)
    return await db.run_sync(lambda db: first(get_called_db(db)))


@app.get("/shared")
def shared(db: Session = Depends(get_shared_db)):  # stays: shared-request
    return first(db)


@app.get("/driver")
def driver(db: Session = Depends(get_shared_db)):  # stays: driver-connection
    cursor = db.connection().connection.cursor()
    cursor.execute("SELECT name FROM tags WHERE id = 1")
    return cursor.fetchone()[0]


@app.get("/unused")
def unused(db: AsyncSession = Depends(get_unused_db)):
    discard_uncommitted(db)
    return "unused"


@app.get("/used")
async def used(kept: list[str] = Depends(list), db: AsyncSession = Depends(get_unused_db)):
    discard_uncommitted(db)
    return [kept, await db.run_sync(first)]
