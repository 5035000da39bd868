from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Post, User

T = TypeVar("T")


class Reading(ABC, Generic[T]):
    @abstractmethod
    def everything(self) -> list[T]:
        """All objects."""


class Repository(Reading[T]):
    model: type[T]

    def __init__(self, session: Session):
        self.session = session

    def by_id(self, ident) -> T:
        return self.session.get(self.model, ident)

    def by_id_or_raise(self, ident) -> T:
        found = self.by_id(ident)
        if found is None:
            raise LookupError(ident)
        return found

    def statement(self):
        return select(self.model).order_by(self.model.id)

    def everything(self) -> list[T]:
        return list(self.session.scalars(self.statement()))


class UserRepository(Repository[User]):
    model = User

    def statement(self):
        return super().statement().where(User.name != "ben")

    def named(self, name: str) -> User | None:
        return self.session.scalars(select(User).where(User.name == name)).first()


class PostRepository(Repository[Post]):
    model = Post

    def everything(self) -> list[Post]:
        found = super().everything()
        return [post for post in found if post.title]

    def titles(self, user: User) -> list[str]:
        return [t for (t,) in self.session.execute(select(Post.title).where(Post.author_id == user.id))]
