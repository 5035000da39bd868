from api import app


def requests(client):
    yield client.get("/users")
    yield client.get("/users/given")
    yield client.get("/users/1")
    yield client.get("/names")
