from api import app


def requests(client):
    for path in ("/role", "/module", "/annotated", "/allowed", "/everyone"):
        for name in ("ada", "cleo"):
            yield client.get(f"{path}?name={name}")
    yield client.get("/plain")
    yield client.get("/posts")
    yield client.get("/handled")
    yield client.get("/total")
