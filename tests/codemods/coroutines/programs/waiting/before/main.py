from api import app


def requests(client):
    yield client.get("/users")
    yield client.get("/sync")
    yield client.get("/alone")
    yield client.get("/one")
