from api import app


def requests(client):
    yield client.post("/team")
    yield client.post("/name")
