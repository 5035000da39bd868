from api import app

MODELS = "items"


def requests(client):
    yield client.post("/items", json={"title": "a", "size": 1, "box": "blue"})
    yield client.post("/items", json={"title": "b", "size": 2, "box": "blue"})
    yield client.get("/items")
    yield client.get("/items/sizes")
    yield client.get("/items/1")
    yield client.get("/items/9")
    yield client.delete("/items?title=a")
