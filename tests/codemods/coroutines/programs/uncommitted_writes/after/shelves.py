from alchemove import discard_uncommitted
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from session import SessionDep
from models import Post


class Shelf:
    def __init__(self, db: AsyncSession):
        self.db = db

    def put(self, title: str) -> None:
        self.db.add(Post(title=title, author_id=1))

    async def keep(self) -> None:
        await self.db.commit()

    async def titles(self) -> list[str]:
        return list(await self.db.scalars(select(Post.title).order_by(Post.id)))


def get_shelf(db: SessionDep) -> Shelf:
    discard_uncommitted(db)
    return Shelf(db)
