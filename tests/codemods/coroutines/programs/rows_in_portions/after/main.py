from api import app


def requests(client):
    yield client.get("/names")
    yield client.get("/tags")
    yield client.get("/stepwise")
    yield client.get("/at-once")
    yield client.get("/helped")
