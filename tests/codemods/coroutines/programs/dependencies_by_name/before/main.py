from api import app


def requests(client):
    yield client.get("/tags")
    yield client.get("/team")
    yield client.post("/typed", params={"name": "typed"})
    yield client.get("/found")
    yield client.get("/cached")
    yield client.get("/later")
    yield client.get("/beside")
