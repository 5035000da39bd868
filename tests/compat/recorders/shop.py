"""The models that the recorders are tried on, and the lines that load them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Table, func
from sqlalchemy.orm import DeclarativeBase, DynamicMapped, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


tagging = Table(
    "tagging",
    Base.metadata,
    Column("post_id", ForeignKey("post.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
)


class User(Base):
    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    bio: Mapped[str] = mapped_column(default="long", deferred=True)
    changed: Mapped[datetime | None] = mapped_column(server_default=func.now(), onupdate=func.now())
    posts: Mapped[list[Post]] = relationship(back_populates="author", order_by="Post.id")
    feed: DynamicMapped[Post] = relationship(lazy="dynamic", viewonly=True)


class Post(Base):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    author: Mapped[User | None] = relationship(back_populates="posts")
    comments: Mapped[list[Comment]] = relationship(back_populates="post", cascade="all, delete-orphan")
    tags: Mapped[list[Tag]] = relationship(secondary=tagging)


class Comment(Base):
    __tablename__ = "comment"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    post: Mapped[Post] = relationship(back_populates="comments")


class Tag(Base):
    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def fill(session: Session) -> None:
    tag = Tag(name="t")
    for name in ("ann", "bob"):
        posts = [
            Post(title=f"{name} {number}", comments=[Comment(text="a"), Comment(text="b")], tags=[tag])
            for number in (1, 2)
        ]
        session.add(User(name=name, posts=posts))
    session.add(Post(title="of nobody"))
    session.commit()
