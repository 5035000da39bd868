from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from models import Post, User


class Notes:
    """Its methods have names that many objects have; none of those can be an object of this class."""

    def __init__(self, session: AsyncSession):
        self.session = session

    async def get(self, ident):
        user = await self.session.get(User, ident)
        return None if user is None else {"id": user.id, "name": user.name}

    async def open(self, ident):
        return await self.session.scalar(select(func.count()).select_from(Post).where(Post.author_id == ident))

    async def update(self, ident, name):
        user = await self.session.get(User, ident)
        user.name = name
        await self.session.commit()
        return name

    async def close(self, ident):
        return await self.session.get(User, ident)


class Tags:
    """A method of it may be called where the object is not known."""

    def __init__(self, session: Session):
        self.session = session

    def pop(self, title):  # stays: unfollowed-calls
        post = self.session.scalars(select(Post).where(Post.title == title)).first()
        return None if post is None else post.title

    def count(self):  # stays: unfollowed-calls
        return self.session.scalar(select(func.count()).select_from(Post))
