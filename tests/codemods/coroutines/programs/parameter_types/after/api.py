from typing import Optional

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import select

from session import SessionDep
from models import User

app = FastAPI()


class TokenData(BaseModel):
    id: Optional[str] = None
    number: int = 1


def verified(token: str) -> TokenData:
    return TokenData(id=token)


@app.get("/token")
async def of_token(token: str, db: SessionDep):
    data = verified(token)
    return (await db.scalars(select(User).where(User.id == data.id))).one().name  # stays: parameter-type


@app.get("/text")
async def of_text(ident: str, db: SessionDep):
    return (await db.get(User, ident)).name  # stays: parameter-type


@app.get("/number")
async def of_number(ident: int, token: str, db: SessionDep):
    user = (await db.scalars(select(User).where(User.id == ident, User.name != token))).one()
    found = (await db.scalars(select(User).where(User.id == verified(token).number))).one()
    return [user.name, found.name, (await db.get(User, int(token))).name]


def claims(token: str) -> dict:
    """What a library says of a token: its subject is always a text."""
    return {"sub": token, "number": 1}


@app.get("/subject")
async def of_subject(token: str, db: SessionDep):
    payload = claims(token)
    user_id: int = payload.get("sub")
    user = (await db.scalars(select(User).where(User.id == user_id))).one()  # stays: parameter-type
    return [user.name, (await db.get(User, payload["sub"])).name]  # stays: parameter-type


@app.get("/converted")
async def of_converted(token: str, db: SessionDep):
    payload = claims(token)
    user_id = payload.get("sub")
    user_id = int(user_id)
    user = (await db.scalars(select(User).where(User.id == user_id, User.name != payload["sub"]))).one()
    return [user.name, (await db.get(User, payload.get("number"))).name]
