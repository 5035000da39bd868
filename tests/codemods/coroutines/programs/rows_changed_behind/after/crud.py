from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models import User


async def rename(db: AsyncSession, user_id: int, name: str) -> None:
    statement = update(User).where(User.id == user_id).values(name=name)
    await db.execute(statement, execution_options={"synchronize_session": False})


async def save(db: AsyncSession) -> None:
    await db.commit()
    db.expire_all()


async def latest(db: AsyncSession) -> User:
    return (await db.scalars(select(User).order_by(User.id.desc()).limit(1))).one()
