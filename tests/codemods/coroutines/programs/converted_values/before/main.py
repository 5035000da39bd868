from api import app


def requests(client):
    yield client.put("/number/1")
    yield client.put("/parameter", params={"number": 12})
    yield client.put("/repository")
    yield client.put("/rating")
    yield client.post("/new")
    yield client.put("/cooked")
    yield client.put("/helper")
    yield client.put("/refreshed")
    yield client.put("/other")
    yield client.put("/flushed")
    yield client.put("/same", params={"name": "broth", "servings": 3})
    yield client.put("/sync")
    yield client.put("/served")
    yield client.put("/declared")
    yield client.put("/shown")
    yield client.put("/optional")
    yield client.put("/before")
    yield client.put("/text")
    yield client.put("/line")
