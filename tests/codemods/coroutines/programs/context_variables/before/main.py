from api import app


def requests(client):
    yield client.post("/tag")
    yield client.get("/kept")
    yield client.get("/set")
    yield client.get("/read")
