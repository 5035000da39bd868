import api
from api import app


def attempted(call, *args, **kwargs):
    try:
        return call(*args, **kwargs)
    except Exception as error:
        return type(error).__name__


def requests(client):
    yield client.post("/teams?name=green")
    yield attempted(client.post, "/teams?name=green")
    yield client.post("/users?name=dan")
    yield client.post("/users?name=dan")
    yield attempted(client.post, "/members?name=eve")
    yield attempted(client.post, "/shouted?name=quiet")
    yield client.post("/tags?name=fresh")
    yield client.post("/tags?name=news")
    yield client.delete("/tags/3")
    yield client.post("/checked?name=good")
    yield client.post("/checked?name=bad")
    yield client.post("/told?name=told")
    yield client.post("/sent?name=sent")
    yield client.post("/twice?name=once")
    yield attempted(client.post, "/twice?name=once")
    yield attempted(client.post, "/each?names=x,y,x,z")
    yield client.post("/suppressed?name=suppressed")
    yield client.put("/teams/1?name=azure")
    yield client.put("/teams/1/checked?name=a-very-long-name")
    yield client.get("/watched")
    yield client.get("/held")
    yield client.post("/watched?name=watched")
    yield client.post("/plain?name=plain")
    yield api.sent
