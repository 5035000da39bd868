"""Users of teams who write posts: columns of many types, and relationships of every kind."""

import enum

from sqlalchemy import JSON, Boolean, Column, Enum, ForeignKey, Integer, Numeric, String, Table
from sqlalchemy.orm import declarative_base, deferred, relationship

Base = declarative_base()


class Mood(enum.Enum):
    happy = "h"
    sad = "s"


post_tags = Table(
    "post_tags",
    Base.metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class Team(Base):
    __tablename__ = "teams"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), unique=True, nullable=False)
    users = relationship("User", back_populates="team", order_by="User.id")


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), unique=True, nullable=False)
    team_id = Column(ForeignKey("teams.id"))
    logins = Column(Integer, nullable=False, default=0)
    level = Column(Integer, server_default="5")
    balance = Column(Numeric(6, 2))
    mood = Column(Enum(Mood))
    extra = Column(JSON)
    active = Column(Boolean, default=True)
    bio = deferred(Column(String(50)))
    team = relationship("Team", back_populates="users")
    posts = relationship("Post", back_populates="author", order_by="Post.id", cascade="all, delete-orphan")

    @property
    def titles(self):
        return [post.title for post in self.posts]

    @property
    def label(self):
        return f"{self.name}@{self.team.name}" if self.team else self.name


class Tag(Base):
    __tablename__ = "tags"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)


class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    title = Column(String(50), nullable=False)
    author_id = Column(ForeignKey("users.id"), nullable=False)
    author = relationship("User", back_populates="posts")
    tags = relationship("Tag", secondary=post_tags, order_by="Tag.id", backref="posts")


def seed(session):
    blue, red = Team(name="blue"), Team(name="red")
    session.add_all([blue, red])
    session.flush()
    ada, ben, cleo = (User(name=n, team=t, bio="b" + n) for n, t in (("ada", blue), ("ben", blue), ("cleo", red)))
    news, tips = Tag(name="news"), Tag(name="tips")
    session.add_all([ada, ben, cleo])
    session.flush()
    session.add_all(
        [
            Post(title="one", author=ada, tags=[news]),
            Post(title="two", author=ada, tags=[news, tips]),
            Post(title="three", author=cleo),
        ]
    )
    session.commit()
