"""Helpers as applications have them: some commit, some flush, some leave it to who calls."""

from models import Post, Team, User
from sqlalchemy import func, select
from sqlalchemy.orm import Session


def load(db: Session, key: int) -> User:
    return db.get(User, key)


def by_name(db: Session, name: str) -> User | None:
    return db.scalars(select(User).where(User.name == name)).first()


def rename(db: Session, user: User, name: str) -> User:
    user.name = name
    db.commit()
    return user


def touch(user: User) -> None:
    user.logins += 1


def patch(db: Session, user: User, data: dict) -> User:
    for key, value in data.items():
        setattr(user, key, value)
    db.commit()
    return user


def patched(db: Session, user: User, data: dict) -> User:
    for key, value in data.items():
        setattr(user, key, value)
    db.add(user)
    db.commit()
    db.refresh(user)
    return user


def create(db: Session, **data) -> User:
    user = User(**data)
    db.add(user)
    db.commit()
    return user


def create_post(db: Session, author: User, title: str) -> Post:
    post = Post(title=title, author=author)
    db.add(post)
    db.flush()
    return post


def members(team: Team) -> list[str]:
    return [user.name for user in team.users]


def total(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(User))


def all_users(db: Session) -> list[User]:
    return db.scalars(select(User).order_by(User.id)).all()


class Service:
    def __init__(self, db: Session):
        self.db = db

    def get(self, key: int) -> User:
        return self.db.get(User, key)

    def move(self, user: User, team_id: int) -> User:
        user.team_id = team_id
        self.db.commit()
        return user

    def drop(self, post: Post) -> None:
        self.db.delete(post)
        self.db.commit()
