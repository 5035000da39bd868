"""The name means something else in this file."""

from sqlalchemy import select

from database import session as session_
from models import User

session = {"user": "jo"}


def current():
    return session_.scalars(select(User).filter_by(name=session["user"]).limit(1)).first().id


def both_taken(session_):
    return User.query.filter_by(name=session_).count()  # refuse: session-not-in-scope
