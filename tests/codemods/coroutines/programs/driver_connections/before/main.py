from api import app


def requests(client):
    yield client.get("/names")
    yield client.get("/count")
    yield client.get("/teams")
    yield client.post("/tags")
