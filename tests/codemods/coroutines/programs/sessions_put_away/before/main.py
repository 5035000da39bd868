from api import app


def requests(client):
    for path in ("state", "typed", "display", "called", "item", "list", "followed"):
        yield client.get(f"/{path}")
