from api import app

MODELS = "library"


def requests(client):
    for path in (
        "/shelves/1", "/last", "/books/1", "/books/2", "/books", "/some", "/named/red", "/chain", "/authors/1/first", "/pairs",
        "/loans/1", "/drawn/1", "/either/1", "/sorted", "/unioned", "/kept/1", "/asked", "/shown/1", "/odd/1", "/given", "/twice/1",
        "/limited", "/by-name", "/none/9", "/authors/1/books", "/current/1", "/chosen/2", "/titles/1", "/mapped/1", "/brought/1", "/beside/1",
    ):  # fmt: skip
        yield client.get(path)
    yield client.post("/books/1/retitle?title=new")
    yield client.post("/books/1/move?shelf=2")
    yield client.post("/books/1/drop")
    yield client.post("/books")
    yield client.post("/authors/1/books")
    yield client.get("/authors/1/more")
    yield client.post("/authors/1/more")
    yield client.get("/authors/1/books")
    yield client.post("/current/1/lend")
    yield client.post("/shelves/tidy")
