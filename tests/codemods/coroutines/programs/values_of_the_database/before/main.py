from api import app

MODELS = "items"


def requests(client):
    yield client.post("/flushed")
    yield client.post("/committed")
    yield client.post("/overwritten")
