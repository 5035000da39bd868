from api import app

MODELS = "records"


def requests(client):
    for path in ("shelves", "sizes", "books", "titles", "renamed"):
        yield client.post(f"/{path}")
