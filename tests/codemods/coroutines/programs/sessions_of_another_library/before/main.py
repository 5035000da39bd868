from api import app


def requests(client):
    yield client.get("/tags")
    yield client.post("/tags/fresh")
    yield client.get("/tags")
