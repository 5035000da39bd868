from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

import crud
from database import get_db
from models import User
from session import SessionDep

app = FastAPI()


async def current_user(name: str, db: SessionDep) -> User:
    user = await crud.user_named(db, name)
    if user is None:
        raise HTTPException(401)
    return user


def name_of(name: str, db: Session) -> str:  # stays: unfollowed-calls
    return db.scalars(select(User.name).where(User.name == name)).one()


def guard(name: str = "ada", db: Session = Depends(get_db)) -> str:  # stays: test
    """A test calls it without a session, and replaces what would use one."""
    if name_of(name, db) != "ada":
        raise HTTPException(403)
    return name


@app.get("/guarded")
def guarded(name: str = Depends(guard)):
    return name


@app.get("/me")
def me(user: User = Depends(current_user)):
    return {"name": user.name}


@app.post("/users")
async def create(name: str, db: SessionDep):
    return {"id": (await crud.create_user(db, name=name)).id}


@app.get("/titles")
async def titles(db: SessionDep):
    return await crud.PostRepository(db).titles()


@app.get("/checked")
async def checked(db: SessionDep):
    return {"teams": await db.run_sync(crud.teams), "mocked": await db.run_sync(crud.mocked)}


@app.get("/report")
async def report(db: SessionDep):
    return await db.run_sync(lambda db: crud.Report(crud.UserRepository(db)).lines())
