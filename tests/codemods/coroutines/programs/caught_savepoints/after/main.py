from api import app


def requests(client):
    for path in ("renamed", "suppressed", "another", "left"):
        yield client.post(f"/{path}")
