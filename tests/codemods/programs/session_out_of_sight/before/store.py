"""A module named like a session, whose ``query`` is a function of its own."""

from extensions import db


def query(model, limit):
    return f"{model.__name__} up to {limit}", db.session.query(model).limit(limit)
