from sqlalchemy import Column, Integer

from . import Base


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)

    def last(self):
        return self.posts.order_by(None).filter_by(user_id=self.id).count()
