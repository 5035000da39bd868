import shared
from api import app

assert shared


def requests(client):
    for path in ("/rounds", "/same", "/helper", "/found", "/read?name=joe", "/unwatched", "/no-variable"):
        yield client.put(path)
    yield client.post("/undone", params={"name": "new"})
    yield client.post("/undone", params={"name": "ada"})
    yield client.put("/patched/1", params={"logins": "7"})
    yield client.get("/shown")
    yield client.get("/seen")
    yield client.get("/shown", params={"number": 2})
