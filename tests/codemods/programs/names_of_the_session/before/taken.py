"""The name means something else in this file."""

from models import User

session = {"user": "jo"}


def current():
    return User.query.filter_by(name=session["user"]).first().id


def both_taken(session_):
    return User.query.filter_by(name=session_).count()  # refuse: session-not-in-scope
