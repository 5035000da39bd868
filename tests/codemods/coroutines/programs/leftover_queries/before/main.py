from api import app


def requests(client):
    for path in ("/of/1", "/both", "/narrowed", "/paged", "/count", "/titles/1", "/users", "/fresh", "/gone-through", "/indexed", "/numbered"):
        yield client.get(path)
    yield client.post("/move/1?author=2")
    yield client.post("/move/1?author=9")
    yield client.post("/tag/3")
    yield client.post("/try/2")
    yield client.post("/fresh/1")
    yield client.get("/of/2")
