from fastapi import Depends, FastAPI, HTTPException

import crud
from session import SessionDep
from models import User

app = FastAPI()


async def current_user(name: str, db: SessionDep) -> User:
    user = await crud.user_named(db, name)
    if user is None:
        raise HTTPException(401)
    return user


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
