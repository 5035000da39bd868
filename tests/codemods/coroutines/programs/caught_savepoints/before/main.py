from api import app


def requests(client):
    for path in ("renamed", "suppressed", "another", "left", "helped", "found", "failing"):
        yield client.post(f"/{path}")
