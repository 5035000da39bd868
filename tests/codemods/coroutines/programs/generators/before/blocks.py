from collections.abc import Generator, Iterator
from contextlib import contextmanager
import contextlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Post, Tag, User
from session import get_sync_session


@contextmanager
def committed(db: Session) -> Iterator[Session]:
    try:
        yield db
        db.commit()
    except Exception:
        db.rollback()
        raise


@contextlib.contextmanager
def counting(db: Session, user: User) -> Generator[None, None, None]:
    """Nothing but what the database knows."""
    user.logins = db.scalar(select(User.logins).where(User.id == user.id)) + 1
    yield
    db.flush()


@contextmanager
def forgiving(db: Session):  # stays: generator
    try:
        yield
        db.commit()
    except ValueError:
        db.rollback()


@contextmanager
def on_its_own():
    with get_sync_session() as session:
        yield session


@contextmanager
def locked(db: Session):  # stays: generator
    yield db.get(User, 1)


def names(db: Session) -> Iterator[str]:
    for name in db.scalars(select(User.name).order_by(User.id)):
        yield name


def titles(db: Session, name: str) -> Generator[str, None, None]:
    user = db.scalars(select(User).where(User.name == name)).one()
    for post in db.scalars(select(Post).where(Post.author_id == user.id).order_by(Post.id)):
        yield post.title


def guarded(db: Session) -> Iterator[str]:  # stays: generator
    try:
        for name in db.scalars(select(User.name).order_by(User.id)):
            yield name
    finally:
        db.expire_all()


def tags(db: Session) -> Iterator[str]:  # stays: generator
    yield from db.scalars(select(Tag.name).order_by(Tag.id))


def stepwise(db: Session) -> Iterator[str]:  # stays: generator
    for name in db.scalars(select(Tag.name).order_by(Tag.id)):
        yield name


def streaming(db: Session) -> Iterator[str]:  # stays: generator
    for name in db.scalars(select(Tag.name).order_by(Tag.id)):
        yield f'"{name}"'


class Posts:
    def __init__(self, db: Session) -> None:
        self.db = db

    @contextmanager
    def renaming(self, ident: int) -> Iterator[Post]:
        post = self.db.get(Post, ident)
        yield post
        self.db.commit()

    def all(self) -> Iterator[Post]:
        for post in self.db.scalars(select(Post).order_by(Post.id)):
            yield post
