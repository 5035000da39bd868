from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import backref, relationship

from . import Base


class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    user = relationship("User", backref=backref("posts", lazy="dynamic", order_by=id))

    def others(self):
        return self.user.posts.filter(Post.id != self.id).count()  # refuse: dynamic-order
