from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Post, User


async def user_named(db: AsyncSession, name: str) -> User:
    return (await db.scalars(select(User).where(User.name == name))).one()


async def titles(db: AsyncSession) -> list[str]:
    return list(await db.scalars(select(Post.title).order_by(Post.id)))
