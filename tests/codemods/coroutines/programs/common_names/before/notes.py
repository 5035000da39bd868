from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Post, User


class Notes:
    """Its methods have names that many objects have; none of those can be an object of this class."""

    def __init__(self, session: Session):
        self.session = session

    def get(self, ident):
        user = self.session.get(User, ident)
        return None if user is None else {"id": user.id, "name": user.name}

    def open(self, ident):
        return self.session.scalar(select(func.count()).select_from(Post).where(Post.author_id == ident))

    def update(self, ident, name):
        user = self.session.get(User, ident)
        user.name = name
        self.session.commit()
        return name

    def close(self, ident):
        return self.session.get(User, ident)


class Tags:
    """A method of it may be called where the object is not known."""

    def __init__(self, session: Session):
        self.session = session

    def pop(self, title):  # stays: unfollowed-calls
        post = self.session.scalars(select(Post).where(Post.title == title)).first()
        return None if post is None else post.title

    def count(self):  # stays: unfollowed-calls
        return self.session.scalar(select(func.count()).select_from(Post))
