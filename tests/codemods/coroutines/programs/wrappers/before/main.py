import around
from api import app


def requests(client):
    yield client.post("/teams?name=green")
    yield client.post("/teams?name=green")
    yield client.get("/tags")
    yield client.post("/users?name=dan")
    yield client.post("/users?name=dan")
    yield client.get("/users")
    yield client.get("/named")
    yield client.get("/last")
    yield around.calls
