from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import deps
from deps import Everywhere, SessionDep, ada, audit, counted, uncached
from models import Tag, User

app = FastAPI()
router = APIRouter(dependencies=[Depends(audit)])


@app.get("/tags")
def tags(db: SessionDep):
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.get("/connection")
def connection(db: SessionDep):
    return db.connection().execute(text("SELECT 1")).scalar()


@app.get("/user")
def user(user: Annotated[User, Depends(ada)], db: Everywhere):
    return [user.name, db.get(User, 2).name]


@app.post("/counted")
def count(db: deps.SessionDep, user: User = Depends(counted)):
    db.commit()
    return user.logins


@app.get("/uncached")
def read_uncached(logins: int = Depends(uncached, use_cache=False)):
    return logins


@router.post("/audited")
def audited(db: SessionDep, path: str = Depends(audit)):
    return [path, *(tag.name for tag in db.scalars(select(Tag).order_by(Tag.id)))]


app.include_router(router)
