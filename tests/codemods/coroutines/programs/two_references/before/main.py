from api import app

MODELS = "firms"


def requests(client):
    yield client.get("/owners")
    yield client.get("/colleagues")
    yield client.post("/owners/2")
    yield client.post("/owners/1")
    yield client.get("/owned/1")
    yield client.get("/owned/2")
