from api import app


def requests(client):
    yield client.get("/tags")
    yield client.post("/tags", params={"name": "new"})
    yield client.post("/forgotten", params={"name": "lost"})
    yield client.get("/tags")
    yield client.post("/own", params={"name": "dropped"})
    yield client.get("/tags")
    yield client.get("/user")
