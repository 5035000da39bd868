"""A later star import brings something else of that name."""

from sqlalchemy import func, select

from database import session as session_
from helpers import *
from settings import *


def count():
    return (session_.scalar(select(func.count()).select_from(select(User).subquery())), session)
