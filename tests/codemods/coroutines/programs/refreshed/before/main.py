from api import app


def requests(client):
    for path in ("/users/dan", "/flushed/eve", "/counted/ike", "/given/fay", "/any/gus", "/posts/four", "/rename/1/ada2", "/later/hal"):
        yield client.post(path)
    yield client.post("/each", json=["ida", "jan"])
    yield client.post("/one-line/kim")
    yield client.patch("/users/1?team=2")
    yield client.patch("/users/99?team=2")
    yield client.patch("/maybe/1")
    yield client.patch("/maybe/99")
    for path in ("/users/1", "/users", "/teams/1"):
        yield client.get(path)
    for path in ("/touch/2", "/everybody", "/tagged/1"):
        yield client.post(path)
    for path in ("/gone/grey", "/dropped/brown", "/kept/pink"):
        yield client.post(path)
