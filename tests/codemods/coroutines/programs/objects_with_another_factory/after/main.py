from api import app as app
from connection import kept


def requests(client):
    yield client.post("/tags", params={"name": "unseen"})
    yield client.post("/flush")
    yield client.post("/tags", params={"name": "seen"})
    kept.engine.dispose()
