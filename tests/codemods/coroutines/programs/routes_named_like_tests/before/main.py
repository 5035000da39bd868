from api import app


def requests(client):
    yield client.post("/test-tag", params={"name": "tried"})
    yield client.get("/tags")
    yield client.get("/results")
