from api import app


def requests(client):
    for path in ("/of/1", "/both", "/narrowed", "/paged", "/count", "/titles/1", "/users"):
        yield client.get(path)
    yield client.post("/move/1?author=2")
    yield client.post("/move/1?author=9")
    yield client.post("/tag/3")
    yield client.post("/try/2")
    yield client.get("/of/2")
