from typing import Annotated

from alchemove import discard_uncommitted, session_depends
from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import deps
from deps import Everywhere, SessionDep, ada, audit, counted, uncached
from models import Tag, User
from session import SessionDep as SessionDep_

app = FastAPI()
router = APIRouter(dependencies=[session_depends(audit)])


@app.get("/tags")
async def tags(db: SessionDep_):
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]


@app.get("/connection")
async def connection(db: SessionDep_):
    discard_uncommitted(db)

    def in_session(db: Session):
        return db.connection().execute(text("SELECT 1")).scalar()

    return await db.run_sync(in_session)


@app.get("/user")
async def user(user: Annotated[User, Depends(ada)], db: Everywhere):
    return [user.name, (await db.get(User, 2)).name]


@app.post("/counted")
async def count(db: SessionDep_, user: User = session_depends(counted)):
    await db.commit()
    return user.logins


@app.get("/uncached")
def read_uncached(logins: int = Depends(uncached, use_cache=False)):
    return logins


@router.post("/audited")
async def audited(db: SessionDep_, path: str = session_depends(audit)):
    return [path, *(tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id)))]


app.include_router(router)
