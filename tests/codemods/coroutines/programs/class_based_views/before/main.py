from api import app


def requests(client):
    yield client.get("/users/names")
    yield client.get("/users/2/name")
    yield client.get("/tags/names")
    yield client.post("/tags/", params={"name": "new"})
    yield client.post("/tags/lost", params={"name": "lost", "ident": 3})
    yield client.get("/tags/names")
