from typing import Annotated

from fastapi import Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Post, Tag, User


class Users:
    def __init__(self, db: Annotated[Session, Depends(get_db)]):
        self.db = db

    def names(self) -> list[str]:
        return list(self.db.scalars(select(User.name).order_by(User.id)))


class Team:
    def __init__(self, users: Annotated[Users, Depends()]):
        self.users = users

    def first(self) -> str:
        return self.users.names()[0]


class Tags:
    def __init__(self, db: Annotated[Session, Depends(get_db)]):
        self.db = db

    def names(self) -> list[str]:
        return list(self.db.scalars(select(Tag.name).order_by(Tag.id)))

    def drop(self, name: str) -> None:
        self.db.add(Tag(name=name))


class Posts:
    def __init__(self, db: Annotated[Session, Depends(get_db)]):
        self.db = db

    def leave(self, title: str) -> str:
        self.db.add(Post(title=title, author_id=1))
        self.db.flush()
        return title
