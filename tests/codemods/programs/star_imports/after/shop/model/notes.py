from .base import *


class Label(Base):
    __tablename__ = "labels"
    id = Column(Integer, primary_key=True)
    text = Column(String)
