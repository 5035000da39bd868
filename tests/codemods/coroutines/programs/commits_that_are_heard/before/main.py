from api import HEARD
from api import app as app


def requests(client):
    HEARD.clear()
    yield client.get("/tags")
    yield client.post("/tags", params={"name": "first"})
    for key in (1, 99, 99):
        yield client.get(f"/tags/{key}")
    yield client.get("/tags")
    HEARD.clear()
