from typing import Generic, Type, TypeVar

from sqlalchemy.orm import Session

from models import Post

ModelType = TypeVar("ModelType")


class Repository(Generic[ModelType]):
    model: Type[ModelType]

    def __init__(self, session: Session):
        self.session = session

    def create(self, **values) -> ModelType:
        instance = self.model(**values)
        self.session.add(instance)
        self.session.flush()
        return instance


class Posts(Repository[Post]):
    model = Post
