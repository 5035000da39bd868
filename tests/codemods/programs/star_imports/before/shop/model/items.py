# A circle: the package is still importing this module.
from . import *

__all__ = ["Item"]


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))


class User:
    """Not exported: the table is in ``users``."""
