from api import app


def requests(client):
    for path in ("teams", "titles", "members", "listed", "names"):
        yield client.get(f"/{path}")
    yield client.post("/tags/1")
