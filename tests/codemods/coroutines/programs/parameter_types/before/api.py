from typing import Optional

from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import User

app = FastAPI()


class TokenData(BaseModel):
    id: Optional[str] = None
    number: int = 1


def verified(token: str) -> TokenData:
    return TokenData(id=token)


@app.get("/token")
def of_token(token: str, db: Session = Depends(get_db)):
    data = verified(token)
    return db.scalars(select(User).where(User.id == data.id)).one().name  # stays: parameter-type


@app.get("/text")
def of_text(ident: str, db: Session = Depends(get_db)):
    return db.get(User, ident).name  # stays: parameter-type


@app.get("/number")
def of_number(ident: int, token: str, db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.id == ident, User.name != token)).one()
    found = db.scalars(select(User).where(User.id == verified(token).number)).one()
    return [user.name, found.name, db.get(User, int(token)).name]


def claims(token: str) -> dict:
    """What a library says of a token: its subject is always a text."""
    return {"sub": token, "number": 1}


@app.get("/subject")
def of_subject(token: str, db: Session = Depends(get_db)):
    payload = claims(token)
    user_id: int = payload.get("sub")
    user = db.scalars(select(User).where(User.id == user_id)).one()  # stays: parameter-type
    return [user.name, db.get(User, payload["sub"]).name]  # stays: parameter-type


@app.get("/converted")
def of_converted(token: str, db: Session = Depends(get_db)):
    payload = claims(token)
    user_id = payload.get("sub")
    user_id = int(user_id)
    user = db.scalars(select(User).where(User.id == user_id, User.name != payload["sub"])).one()
    return [user.name, db.get(User, payload.get("number")).name]
