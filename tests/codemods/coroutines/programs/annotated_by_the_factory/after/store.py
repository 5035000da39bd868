from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from database import SessionLocal
from models import Tag


async def names(db: AsyncSession) -> list[str]:
    return list(await db.scalars(select(Tag.name).order_by(Tag.id)))


def add(db: "SessionLocal", name: str) -> None:
    db.add(Tag(name=name))
