import warnings

from alchemove import discard_uncommitted
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import select, text

from session import SessionDep
from models import User

warnings.filterwarnings("ignore", message="Valid config keys have changed in V2")
app = FastAPI()


class PostOut(BaseModel):
    title: str

    class Config:
        orm_mode = True


class UserOut(BaseModel):
    """It was written for pydantic 1; FastAPI reads objects into it all the same."""

    name: str
    posts: list[PostOut]

    class Config:
        orm_mode = True


@app.get("/user", response_model=UserOut)
async def user(number: int, db: SessionDep):
    discard_uncommitted(db)
    found = await db.get(User, number)
    await db.execute(text("UPDATE users SET logins = 1"))
    return await db.run_sync(lambda _: UserOut.model_validate(found, from_attributes=True))  # stays: held-before


@app.get("/users", response_model=list[UserOut])
async def users(db: SessionDep):
    discard_uncommitted(db)
    found = (await db.scalars(select(User).order_by(User.id))).all()
    await db.execute(text("UPDATE users SET logins = 1"))
    return await db.run_sync(lambda _: [UserOut.model_validate(item, from_attributes=True) for item in found])  # stays: written-between
