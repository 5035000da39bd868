from api import app

MODELS = "library"


def requests(client):
    for path in ("joined", "titles", "least", "first", "filled", "refused/1", "wrapped/1", "visited/1"):
        yield client.get(f"/{path}")
    for path in ("by-shelf", "by-title", "described/1", "titled/1", "shown/1"):
        yield client.get(f"/{path}")
