from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Post, Team, User


def user_named(db: Session, name: str) -> User | None:
    return db.scalars(select(User).where(User.name == name)).first()


def create_user(db: Session, *, name: str) -> User:
    user = User(name=name)
    db.add(user)
    db.commit()
    db.refresh(user)
    return user


def teams(db: Session) -> int:  # stays: test
    return db.scalar(select(func.count(Team.id)))


def mocked(db: Session) -> int:  # stays: sync-session
    return db.scalar(select(func.count(Team.id)))


class PostRepository:
    def __init__(self, db: Session):
        self.db = db

    def titles(self) -> list[str]:
        return list(self.db.scalars(select(Post.title).order_by(Post.id)))


class UserRepository:
    def __init__(self, db: Session):
        self.db = db

    def names(self) -> list[str]:  # stays: faked
        return list(self.db.scalars(select(User.name).order_by(User.id)))


class Report:
    def __init__(self, users: UserRepository):
        self.users = users

    def lines(self) -> list[str]:  # stays: no-session
        return [name.title() for name in self.users.names()]
