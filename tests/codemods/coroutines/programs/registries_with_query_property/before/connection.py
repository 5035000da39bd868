from sqlalchemy.orm import scoped_session

from database import SessionLocal
from models import Tag

registry = scoped_session(SessionLocal)


class Queried:
    query = registry.query_property()


class Marked(Queried, Tag):
    """A tag by its query, which is one of the session of the thread."""


def get_db():  # stays: sync-session
    db = registry()
    try:
        yield db
    finally:
        db.close()
