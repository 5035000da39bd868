from typing import Generic, Type, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from models import Post

ModelType = TypeVar("ModelType")


class Repository(Generic[ModelType]):
    model: Type[ModelType]

    def __init__(self, session: AsyncSession):
        self.session = session

    async def create(self, **values) -> ModelType:
        instance = self.model(**values)
        self.session.add(instance)
        await self.session.flush()
        return instance


class Posts(Repository[Post]):
    model = Post
