from api import app as app


def requests(client):
    yield client.post("/tags", params={"name": "first"})
    yield client.get("/tags")
