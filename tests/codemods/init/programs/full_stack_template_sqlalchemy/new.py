import asyncio

from app.db import session as module
from app.db.base_class import Base
from app.models import Item
from sqlalchemy import select

Base.metadata.drop_all(module.engine)
Base.metadata.create_all(module.engine)
with module.get_sync_session() as session:
    session.add(Item(title="new"))


async def titles() -> list[str]:
    async with module.get_async_session() as session:
        return list(await session.scalars(select(Item.title)))


print(asyncio.run(titles()))
print(module.database.sync_engine is module.engine, module.database.settings.pool_pre_ping, module.database.settings.pool_size)
