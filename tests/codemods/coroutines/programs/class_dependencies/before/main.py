from api import app


def requests(client):
    yield client.get("/users")
    yield client.get("/first")
    yield client.get("/tags")
    yield client.post("/tags", params={"name": "lost"})
    yield client.get("/tags")
    yield client.post("/posts")
