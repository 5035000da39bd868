from api import app


def requests(client):
    for path in ("/dropped", "/kept", "/unit"):
        for name in ("plain", "refused"):
            yield client.post(path, params={"name": name})
            yield client.get("/tags")
    yield client.get("/quiet")
    yield client.get("/counted")
