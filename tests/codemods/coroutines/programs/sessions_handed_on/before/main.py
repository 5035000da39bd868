from api import app


def requests(client):
    for path in ("handed-on", "yielded", "both", "names", "plain"):
        yield client.get(f"/{path}")
    yield client.post("/committed")
