import warnings

from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from database import get_db
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
def user(number: int, db: Session = Depends(get_db)):
    found = db.get(User, number)
    db.execute(text("UPDATE users SET logins = 1"))
    return found  # stays: held-before


@app.get("/users", response_model=list[UserOut])
def users(db: Session = Depends(get_db)):
    found = db.scalars(select(User).order_by(User.id)).all()
    db.execute(text("UPDATE users SET logins = 1"))
    return found  # stays: written-between
