import asyncio

from app.database import get_engine
from app.db.session import database, get_async_session, get_sync_session
from sqlalchemy import text


async def ask():
    async with get_async_session() as session:
        print((await session.execute(text("SELECT 2"))).scalar_one(), session.sync_session.autoflush)
    await database.dispose()


with get_sync_session() as session:
    print(session.execute(text("SELECT 1")).scalar_one(), session.autoflush)
print(database.sync_engine is get_engine())
asyncio.run(ask())
