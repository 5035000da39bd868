from api import app


def requests(client):
    for path in ("unflushed", "archive", "unknown", "same", "local", "engine"):
        yield client.get(f"/{path}")
