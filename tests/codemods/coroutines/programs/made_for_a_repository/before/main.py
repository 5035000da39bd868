from api import app

MODELS = "prices"


def requests(client):
    yield client.post("/added")
    yield client.post("/put")
