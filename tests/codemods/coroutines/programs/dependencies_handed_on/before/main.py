from api import app
from deps import get_overridden
from models import Tag


class Found:
    def get(self, cls, key):
        return Tag(name=f"{key}")


def requests(client):
    yield client.get("/tags")
    yield client.post("/login")
    yield client.post("/tags", params={"name": "new"})
    yield client.get("/tags")
    yield client.get("/marked")
    yield client.get("/fresh")
    yield client.get("/called")
    yield client.get("/overridden")
    app.dependency_overrides[get_overridden] = Found
    yield client.get("/overridden")
    app.dependency_overrides.clear()
