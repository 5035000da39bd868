from functools import cached_property

from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User
from repositories import Repositories
from views import view

app = FastAPI()
users_router = APIRouter(prefix="/users")
tags_router = APIRouter(prefix="/tags")


def current(ident: int = 1, db: Session = Depends(get_db)) -> User:
    return db.get(User, ident)


class Base:
    db: Session = Depends(get_db)
    user: User = Depends(current)

    _repositories: Repositories | None = None

    @property
    def repositories(self) -> Repositories:
        if not self._repositories:
            self._repositories = Repositories(self.db)
        return self._repositories

    @property
    def count(self) -> int:  # stays: property
        return self.db.scalar(select(func.count(User.id)))


@view(users_router)
class UsersView(Base):
    @cached_property
    def repository(self):
        return self.repositories.users

    @users_router.get("/names")
    def get_all(self):
        return self.repository.names()

    @users_router.get("/{ident}/name")
    def get_one(self, ident: int):
        return [self.repository.by_ident(ident).name, self.count, self.user.name]


@view(tags_router)
class TagsView(Base):
    @cached_property
    def repository(self):
        return self.repositories.tags

    @tags_router.get("/names")
    def get_all(self):
        """What goes through an object cannot await."""
        found = []
        for name in self.repository:
            found.append(name)
        return [*found, self.db.get(Tag, 1).name]

    @tags_router.post("/")
    def create_one(self, name: str):
        return self.repository.create_one(name)

    @tags_router.post("/lost")
    def lose_one(self, name: str):
        self.db.add(Tag(name=name))
        return self.user.name


app.include_router(users_router)
app.include_router(tags_router)
