from api import app


def requests(client):
    yield client.put("/users/1", params={"name": "eve"})
    yield client.put("/teams/1", params={"name": "navy"})
