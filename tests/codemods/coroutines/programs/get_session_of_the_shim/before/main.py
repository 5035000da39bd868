from api import app


def requests(client):
    yield client.get("/tags")
    yield client.post("/tags", params={"name": "late"})
    yield client.get("/tags")
