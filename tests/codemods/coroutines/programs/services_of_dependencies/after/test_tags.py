"""Tests give the endpoints a service with the session of the test."""

from alchemove import async_session
from sqlalchemy.orm import Session

from api import app, get_tag_service
from database import engine
from models import Tag
from services import Tags, TagService


def test_names(client):
    with Session(engine) as db:

        def override():
            return TagService(Tags(async_session(db)))

        db.add(Tag(name="of the test"))
        db.flush()
        app.dependency_overrides[get_tag_service] = override
        found = client.get("/tags")
        app.dependency_overrides[get_tag_service] = lambda: TagService(Tags(async_session(db)))
        assert client.get("/tags").json() == found.json()
        app.dependency_overrides.clear()
        db.rollback()
        return found
