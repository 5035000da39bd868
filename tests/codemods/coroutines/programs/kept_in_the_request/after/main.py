from api import app

NAMES = "plain careful block dispatched committed managed read asked called late".split()


def requests(client):
    yield client.get("/user")
    yield client.get("/called")
    for name in NAMES:
        yield client.post(f"/{name}", params={"name": name, "commit": False})
        yield client.post(f"/{name}", params={"name": f"{name} committed", "commit": True})
        yield client.post(f"/{name}", params={"name": "refused", "commit": False})
        yield client.get("/tags")
