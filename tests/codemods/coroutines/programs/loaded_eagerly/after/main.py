from api import app

MODELS = "library"


def requests(client):
    for path in ("filled", "counted", "placed", "made", "passed", "flushed", "committed", "refreshed", "listed", "checked"):
        yield client.post(f"/{path}")
    for path in ("loaded", "passed", "shown"):
        yield client.get(f"/{path}")
