from api import app


def requests(client):
    yield client.request("GET", "/users/1")
    yield client.put("/users/1?name=grace")
    yield client.request("GET", "/users/1")
    yield client.request("GET", "/posts")
    yield client.post("/import", json=[{"name": "x"}, {"name": ""}])
