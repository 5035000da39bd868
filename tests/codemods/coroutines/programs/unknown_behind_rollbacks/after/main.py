from api import app


def requests(client):
    for path in ("by-name", "rows", "known", "shown", "state", "current", "nothing"):
        yield client.post(f"/{path}")
