"""People with posts, whose properties read them through others."""

from operator import attrgetter

from sqlalchemy import Column, ForeignKey, Integer, String, inspect, select
from sqlalchemy.orm import Session, declarative_base, relationship

Base = declarative_base()


def longest(person):  # stays: property
    return max((len(post.title) for post in person.posts), default=0)  # stays: unknown-origin


class Counted:
    @property
    def counted(self):  # stays: property
        return len(self.posts)

    def first(self):  # stays: property
        return self.posts[0].title if self.posts else None  # stays: unknown-origin


class Team(Base):
    __tablename__ = "teams"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    people = relationship("Person", backref="squad", order_by="Person.id")


class Person(Counted, Base):
    __tablename__ = "people"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    team_id = Column(ForeignKey("teams.id"))
    boss_id = Column(ForeignKey("people.id"))
    boss = relationship("Person", remote_side=[id])
    posts = relationship("Post", back_populates="author", order_by="Post.id")

    @property
    def shown(self):
        return self.name.upper()

    @property
    def label(self):  # stays: property
        return f"{self.shown}: {self.counted} posts"

    @property
    def path(self):  # stays: property
        person, names = self, []
        while person:
            names.append(person.name)
            person = person.boss
        return names

    @property
    def opening(self):  # stays: property
        return self.first()

    @property
    def length(self):  # stays: property
        return longest(self)

    @property
    def team(self):  # stays: property
        return attrgetter("squad.name")(self)

    @property
    def text(self):  # stays: property
        return str(self)

    def __str__(self):  # stays: special-method
        return f"{self.name} in {self.squad.name}"  # stays: unknown-origin

    @property
    def stored(self):  # stays: property
        return len(Session.object_session(self).scalars(select(Post).where(Post.author_id == self.id)).all())

    @property
    def inspected(self):  # stays: property
        return len(inspect(self).session.scalars(select(Post).where(Post.author_id == self.id)).all())

    def _titles(self):
        return [post.title for post in self.posts]

    titles = property(_titles)
    ids = property(lambda self: [post.id for post in self.posts])


class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    title = Column(String(50))
    author_id = Column(ForeignKey("people.id"))
    author = relationship("Person", back_populates="posts")


def seed(session):  # stays: not-reached
    ann = Person(name="ann", squad=Team(name="red"))
    ben = Person(name="ben", squad=ann.squad, boss=ann)
    session.add_all([ann, ben])
    session.flush()
    session.add_all([Post(title="one", author=ben), Post(title="three", author=ben), Post(title="x", author=ann)])
    session.commit()
