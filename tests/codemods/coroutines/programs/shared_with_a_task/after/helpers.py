from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from models import Post, Tag, User


def get_or_create_tag(db: Session, name: str) -> Tag:  # stays: task
    tag = db.scalars(select(Tag).where(Tag.name == name)).first()
    if tag is None:
        tag = Tag(name=name)
        db.add(tag)
        db.flush()
    return tag


class Tagger:
    def __init__(self, db: Session):
        self.db = db

    def tag(self, post_id: int, *names: str) -> int:  # stays: task
        post = self.db.get(Post, post_id)
        for name in names:
            post.tags.append(get_or_create_tag(self.db, name))  # stays: written-between
        self.db.commit()
        self.db.refresh(post, attribute_names=["tags"])
        return len(post.tags)


async def posts_of(db: AsyncSession, name: str) -> list[Post]:
    return (await db.scalars(select(Post).join(User).where(User.name == name).order_by(Post.id))).all()


class Archive:
    def __init__(self, db: Session):
        self.db = db

    def drop(self, title: str) -> int:  # stays: task
        found = self._titled(title)
        for post in found:
            self.db.delete(post)
        self.db.commit()
        return len(found)

    def _titled(self, title: str) -> list[Post]:  # stays: task
        return self.db.scalars(select(Post).where(Post.title == title)).all()

    def titles(self) -> list[str]:  # stays: task
        return self.db.scalars(select(Post.title).order_by(Post.id)).all()


def unused(db: Session) -> int:  # stays: not-reached
    return db.scalar(select(Post.id).limit(1))
