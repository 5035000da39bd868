from api import app


def requests(client):
    for prefix in ("/open", "/blue"):
        for user in (1, 3):
            yield client.get(f"{prefix}/tags", params={"user": user})
            yield client.post(f"{prefix}/login", params={"user": user})
    yield client.post("/handled/rename", params={"name": "dora"})
    yield client.get("/handled/posts")
    for path in ("/strict", "/mild"):
        for user in (1, 3):
            yield client.get(path, params={"user": user})
