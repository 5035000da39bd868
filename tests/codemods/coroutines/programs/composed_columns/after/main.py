from api import app

MODELS = "priced"


def requests(client):
    yield client.post("/priced/1")
    yield client.post("/dearer/1")
    yield client.post("/ranked/2")
    yield client.post("/made")
    yield client.get("/others/1")
    yield client.get("/swallowed")
