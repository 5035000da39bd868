from sqlalchemy.orm import declarative_base

Base = declarative_base()

from .posts import Post
from .users import User
