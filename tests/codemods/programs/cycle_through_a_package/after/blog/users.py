from sqlalchemy import Column, Integer, func, select
from sqlalchemy.orm import object_session, with_parent

from . import Base, Post


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)

    def last(self):
        return object_session(self).scalar(select(func.count()).select_from(select(Post).where(with_parent(self, User.posts)).order_by(Post.id).order_by(None).filter_by(user_id=self.id).subquery()))
