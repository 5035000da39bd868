from api import app


def requests(client):
    yield client.post("/twice", params={"name": "first"})
    yield client.get("/rows")
    yield client.delete("/tags", params={"name": "nothing"})
    yield client.delete("/tags", params={"name": "first"})
    yield client.get("/rows")
    yield client.post("/rename", params={"name": "eve"})
    yield client.get("/rows")
    yield client.post("/rename", params={"name": "eve", "keep": True})
    yield client.post("/object", params={"name": "lost"})
    yield client.get("/me")
    yield client.get("/me")
    yield client.get("/rows")
    yield client.post("/shelf", params={"title": "lost"})
    yield client.post("/put", params={"title": "lost"})
    yield client.post("/kept", params={"title": "kept"})
    yield client.post("/birthday")
    yield client.post("/read", params={"name": "bob"})
    yield client.get("/rows")
