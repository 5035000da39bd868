from api import app


def requests(client):
    for kind in ("tags", "users"):
        yield client.get("/here", params={"kind": kind})
        yield client.get("/there", params={"kind": kind})
    yield client.get("/known")
