import asyncio

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Tag, User


class Recipes:
    """Endpoints use it, and a job with a session of its own."""

    def __init__(self, session: Session):
        self.session = session

    def create(self, name: str) -> Tag:  # stays: test
        tag = Tag(name=name)
        self.session.add(tag)
        self.session.commit()
        return tag

    def names(self) -> list[str]:  # stays: test
        return list(self.session.scalars(select(Tag.name).order_by(Tag.id)))

    async def ask(self, name: str) -> str:
        await asyncio.sleep(0)
        return name.title()

    async def create_from_image(self, name: str) -> str:
        asked = await self.ask(name)
        tag = self.create(asked)
        return f"{tag.name} after {self.names()[0]}"

    async def rename(self, old: str, new: str) -> int:
        tag = self.session.scalars(select(Tag).where(Tag.name == old)).first()
        if tag is None:
            return 0
        tag.name = await self.ask(new)
        self.session.commit()
        return len([await self.create_from_image(n) for n in self.names() if n == tag.name])

    async def retitled(self) -> list[str]:
        user = self.session.get(User, 1)
        await asyncio.sleep(0)
        return [post.title for post in user.posts]

    async def without(self) -> str:
        return await self.ask("without")
