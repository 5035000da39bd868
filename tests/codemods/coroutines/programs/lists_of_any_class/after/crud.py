from typing import Any, Generic, List, TypeVar

from models import Base, Post, Team, User
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

Model = TypeVar("Model", bound=Base)


class CRUDBase(Generic[Model]):
    def __init__(self, model: type[Model]):
        self.model = model

    async def get(self, db: AsyncSession, key: Any) -> Model | None:
        return await db.get(self.model, key)

    async def get_multi(self, db: AsyncSession, skip: int = 0, limit: int = 100) -> List[Model]:
        return (await db.scalars(select(self.model).order_by(self.model.id).offset(skip).limit(limit))).all()

    async def everything(self, db: AsyncSession) -> list[Any]:
        return (await db.scalars(select(self.model).order_by(self.model.id))).all()


team = CRUDBase[Team](Team)
user = CRUDBase[User](User)
post = CRUDBase[Post](Post)
