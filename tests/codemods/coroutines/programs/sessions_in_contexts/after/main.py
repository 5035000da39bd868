from api import app


def requests(client):
    for name in ("ada", "cleo"):
        yield client.get("/members", headers={"x-name": name})
    yield client.get("/count")
