from api import app

MODELS = "staff"
READ = ("label", "path", "opening", "length", "team", "text", "stored", "inspected", "titles", "ids", "counted")


def requests(client):
    yield client.get("/shown")
    for name in READ:
        yield client.get(f"/{name}")
        yield client.get(f"/{name}/all")
    yield client.get("/rows")
    yield client.get("/failed")
    yield client.post("/new")
