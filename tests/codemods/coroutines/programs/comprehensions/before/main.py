from api import app


def requests(client):
    yield client.get("/figures")
    yield client.get("/lazily")
    yield client.get("/later")
    yield client.get("/nested")
