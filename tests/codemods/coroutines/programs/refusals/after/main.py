from api import app
from own import count_users


def requests(client):  # stays: not-reached
    yield client.get("/total")
    yield client.get("/batches")
    yield client.get("/callback")
    yield client.post("/custom?name=x")
    yield client.post("/uncommitted?name=eve")
    yield client.post("/transaction")
    yield client.post("/own")
    yield client.post("/assigned")
    yield client.post("/rolled-back")
    yield client.post("/counted-on")
    yield client.get("/connection")
    yield client.get("/kept")
    yield client.get("/validated")
    yield client.get("/validated-twice")
    yield client.get("/seen")
    yield client.get("/shared")
    yield client.get("/skipped")
    yield count_users()
    yield client.post("/one-line?name=lost")
    yield client.post("/helped")
