from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from items import Box, Item, ItemCreate


async def get_box(*, session: AsyncSession, name: str) -> Box:
    statement = select(Box).where(Box.name == name)
    box = (await session.scalars(statement)).first()
    if box is None:
        box = Box(name=name)
        session.add(box)
        await session.flush()
    return box


async def create_item(*, session: AsyncSession, item_in: ItemCreate) -> Item:
    box = await get_box(session=session, name=item_in.box)
    item = Item(title=item_in.title, size=item_in.size, box_id=box.id)
    session.add(item)
    await session.commit()
    await session.refresh(item)
    await session.refresh(item, attribute_names=["box"])
    return item
