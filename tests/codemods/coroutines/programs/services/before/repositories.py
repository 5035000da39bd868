from abc import ABC, abstractmethod
from dataclasses import dataclass, field
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


class Figures:
    def __init__(self, db: Session):
        self._db: Session = db

    @property
    def session(self) -> Session:
        return self._db

    def users(self) -> int:
        return len(self.session.scalars(select(User)).all())

    def posts(self) -> int:
        return len(self._db.scalars(select(Post)).all())

    def both(self) -> list[int]:
        session: Session = self.session
        return [session.get(User, 1).id, len(session.scalars(select(Post)).all())]


class Kept:
    db: Session

    def of(self, db: Session) -> "Kept":
        self.db = db
        return self

    def first(self) -> str:
        return self.db.get(User, 1).name


@dataclass
class Opened:
    db: Session


@dataclass
class Scope(Opened):
    name: str = "ada"
    seen: list[str] = field(default_factory=list)

    def user(self) -> User | None:
        self.seen.append(self.name)
        return self.db.scalars(select(User).where(User.name == self.name)).first()
