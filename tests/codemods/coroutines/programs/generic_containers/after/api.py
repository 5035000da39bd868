"""Endpoints that put objects into generic models, and say what these are in their response model."""

from session import SessionDep
from fastapi import Depends, FastAPI
from pydantic import TypeAdapter
from models import User
from schemas import Answer, Given, Page, Plain, UserOut
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

app = FastAPI()


async def page(db: AsyncSession) -> Page[UserOut]:
    users = (await db.scalars(select(User).order_by(User.id))).all()
    return Page(items=users, total=len(users))


class Service:
    def __init__(self, db: AsyncSession):
        self.db = db

    async def page(self) -> Page[UserOut]:
        return await page(self.db)


def get_service(db: SessionDep) -> Service:
    return Service(db)


@app.get("/users", response_model=Page[UserOut])
async def users(session: SessionDep, service: Service = Depends(get_service)):
    return await session.run_sync(lambda _, value: TypeAdapter(Page[UserOut]).validate_python(value, from_attributes=True), await service.page())  # stays: new-object


@app.get("/users/given", response_model=Given[UserOut])
async def given(db: SessionDep):
    users = (await db.scalars(select(User).order_by(User.id).options(selectinload(User.posts)))).all()
    return Given[UserOut](items=users)


@app.get("/users/{number}")
async def user(number: int, db: SessionDep) -> Answer[UserOut]:
    return await db.run_sync(lambda _, value: TypeAdapter(Answer[UserOut]).validate_python(value, from_attributes=True), Answer(data=await db.get(User, number)))  # stays: new-object


@app.get("/names")
async def names(db: SessionDep) -> Plain:
    return Plain(names=(await db.scalars(select(User.name).order_by(User.id))).all())
