import later
from api import app, log

assert later


def requests(client):
    log.clear()
    yield client.put("/renamed", params={"name": "eve"})
    yield client.put("/renamed", params={"name": "eve"})
    yield client.get("/me")
    yield client.put("/twice", params={"name": "two", "number": 2})
    yield client.put("/page", params={"name": "three", "number": 3})
    yield client.put("/counts/1", params={"name": "counted"})
    yield client.put("/counts/2", params={"name": "12"})
    yield client.put("/told", params={"name": "four"})
    yield client.get("/log")
    yield client.post("/bare", params={"name": "green"})
    yield client.post("/given", params={"name": "pink"})
    yield client.post("/encoded", params={"name": "grey"})
    yield client.post("/read", params={"name": "brown"})
    yield client.post("/fresh", params={"name": "black"})
    yield client.put("/named/1", params={"name": "blues"})
    yield client.put("/named/77", params={"name": "nobody"})
    yield client.post("/related", params={"name": "lime"})
    yield client.post("/queried", params={"name": "rust"})
    yield client.delete("/gone")
    yield client.put("/modelled", params={"name": "white"})
    yield client.post("/tags/shown")
    yield client.post("/tags/bare")
