from api import app


def requests(client):
    yield client.get("/tags")
    yield client.get("/connection")
    yield client.get("/user")
    yield client.post("/counted")
    yield client.get("/uncached")
    yield client.post("/audited")
    yield client.get("/tags")
