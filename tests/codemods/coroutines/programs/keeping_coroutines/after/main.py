from api import app


def requests(client):
    yield client.post("/images/soup")
    yield client.post("/tags/news/old")
    yield client.post("/tags/none/old")
    yield client.get("/titles")
    yield client.get("/tags")
