from api import app, told


def requests(client):
    for path in ("run", "until", "from_thread", "anyio", "helper", "asking", "scheduled"):
        yield client.get(f"/{path}/1")
    yield client.get("/current")
    yield client.post("/later/3")
    yield told
