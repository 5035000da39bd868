from sqlalchemy.ext.asyncio import AsyncSession

from models import Post, User
from repositories import PostRepository, UserRepository


class NotFound(Exception):
    pass


class BlogService:
    def __init__(self, db: AsyncSession, prefix: str = ""):
        self.db = db
        self.prefix = prefix
        self.users = UserRepository(db)
        self.posts = PostRepository(db)

    async def author(self, name: str) -> User:
        user = await self.users.named(self.prefix + name)
        if user is None:
            raise NotFound(name)
        return user

    async def write(self, name: str, title: str) -> Post:
        post = Post(title=title, author_id=(await self.author(name)).id)
        self.db.add(post)
        await self.db.commit()
        await self.db.refresh(post)
        return post

    async def overview(self) -> dict:
        return {user.name: await self.posts.titles(user) for user in await self.users.everything()}
