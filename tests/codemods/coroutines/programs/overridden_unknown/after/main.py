from unittest.mock import MagicMock

from api import app
from database import get_db


def put(overrides, provider, value):
    overrides[provider] = value


def requests(client):
    session = MagicMock()
    session.get.return_value.name = "mocked"
    put(app.dependency_overrides, get_db, lambda: session)
    yield client.get("/user")
    app.dependency_overrides.clear()
    yield client.get("/user")
