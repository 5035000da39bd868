import asyncio

from app.database import AsyncSessionLocal, SessionLocal, get_async_engine
from sqlalchemy import text


async def ask():
    async with AsyncSessionLocal() as session:
        print((await session.execute(text("SELECT 2"))).scalar_one())
    await get_async_engine().dispose()


with SessionLocal() as session:
    print(session.execute(text("SELECT 1")).scalar_one(), session.autoflush)
asyncio.run(ask())
