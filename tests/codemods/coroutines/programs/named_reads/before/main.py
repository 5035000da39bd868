from api import app

MODELS = "library"


def requests(client):
    for path in ("related", "chosen/shelf", "columns", "shelves", "mapped", "asked", "by-getter", "matched", "upwards"):
        yield client.get(f"/{path}")
    for path in ("rename", "rename-flushed", "lend", "lend-shown", "lend-counted", "lend-asked", "read", "read"):
        yield client.post(f"/{path}")
    yield client.get("/columns")
