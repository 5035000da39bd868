from api import app


def requests(client):
    yield client.post("/named", params={"name": "zed"})
    yield client.post("/named")
    yield client.post("/named", headers={"x-team": "blue"})
    yield client.post("/visited", headers={"x-team": "green"})
    yield client.post("/visited", headers={"x-tag": "seen"})
    yield client.post("/each")
    yield client.post("/posts/1")
    yield client.post("/posts/3")
    for path in ("tried", "sorted", "raising", "counted", "deleted", "owned"):
        yield client.post(f"/{path}")
