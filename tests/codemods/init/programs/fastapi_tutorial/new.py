import asyncio

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sql_app.db.session import Base, SessionDep, engine, get_async_session, get_sync_session
from sql_app.models import User
from sqlalchemy import func, select

Base.metadata.create_all(engine)
with get_sync_session() as session:
    print(session.autoflush)
    session.add(User(email="new@example.com"))


async def count() -> int:
    async with get_async_session() as session:
        return await session.scalar(select(func.count(User.id)))


print(asyncio.run(count()))

app = FastAPI()


@app.get("/count")
async def endpoint(session: SessionDep) -> int:
    return await session.scalar(select(func.count(User.id)))


with TestClient(app) as client:
    print(client.get("/count").json())
