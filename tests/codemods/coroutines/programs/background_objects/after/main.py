from api import app


def requests(client):
    yield client.post("/a")
    yield client.post("/b")
    yield client.get("/seen")
