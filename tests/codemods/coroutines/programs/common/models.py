"""A team with users who write posts."""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, Table, func
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()

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
    changed_at = Column(DateTime(timezone=True), onupdate=func.now())
    team = relationship("Team", back_populates="users")
    posts = relationship("Post", back_populates="author", order_by="Post.id")

    @property
    def titles(self):
        return [post.title for post in self.posts]


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
    tags = relationship("Tag", secondary=post_tags, order_by="Tag.id")


def seed(session):
    blue, red = Team(name="blue"), Team(name="red")
    ada, ben, cleo = (User(name=n, team=t) for n, t in (("ada", blue), ("ben", blue), ("cleo", red)))
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
