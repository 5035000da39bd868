from api import app


def requests(client):
    for name in ("new", "refused", "new", "wrong"):
        yield client.post("/tags", params={"name": name})
        yield client.get("/tags")
    yield client.post("/mine", params={"name": "me", "user_id": 1})
    yield client.post("/mine", params={"name": "me", "user_id": 99})
    yield client.post("/forgotten", params={"name": "forgotten"})
    for name in ("plain", "refused", "flushed"):
        yield client.post("/committed", params={"name": name})
        yield client.get("/tags")
    yield client.post("/committed", params={"name": "flushed", "again": True})
    for path in ("/tried", "/prepared", "/surrounded", "/emptied", "/emptied-aloud"):
        for name in ("plain", "refused", "wrong", "odd", "forgotten"):
            yield client.post(path, params={"name": name})
            yield client.get("/tags")
    for path in ("/written", "/known", "/sometimes", "/audited", "/counted", "/swallowing", "/looking", "/told"):
        yield client.get(path)
