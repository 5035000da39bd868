from api import app
from tasks import drop, tag_all


def requests(client):  # stays: not-reached
    yield client.post("/tags?name=fresh")
    yield client.post("/tags?name=news")
    yield client.post("/posts/1/tags?name=more")
    yield tag_all("late")
    yield client.post("/posts/3/tags?name=late")
    yield client.get("/titles")
    yield drop("one")
    yield client.get("/titles")
