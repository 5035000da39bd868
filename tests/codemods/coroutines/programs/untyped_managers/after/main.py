from api import app


def requests(client):
    yield client.post("/tag")
    yield client.post("/user")
