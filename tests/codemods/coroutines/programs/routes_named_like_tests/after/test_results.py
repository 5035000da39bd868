"""What the results of tests are called: the application is about tests, this is none."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Tag


async def names_of_results(db: AsyncSession):
    return list(await db.scalars(select(Tag.name).order_by(Tag.name)))
