from api import app


def requests(client):
    yield client.get("/teams/1")
    yield client.get("/teams/2")
    yield client.get("/own")
    yield client.get("/own?name=nobody")
    yield client.post("/tags")
    yield client.post("/tags?name=nobody")
