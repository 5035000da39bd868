from api import app


def requests(client):
    yield client.get("/user")
