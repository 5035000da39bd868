from api import app


def requests(client):
    yield client.get("/me")
    yield client.get("/me", params={"ident": 2})
    yield client.get("/report")
    yield client.get("/report", params={"first": 1, "last": 9})
    yield client.post("/tags", params={"ident": 1}, json=["a", "b"])
    yield client.post("/tags", params={"ident": 2}, json=[])
    yield client.post("/preview", params={"name": "lost"})
    yield client.get("/users/1")
    yield client.get("/users/9")
    yield client.get("/shelf")
    yield client.get("/names")
    yield client.get("/loop")
    yield client.get("/apart")
    yield client.get("/called")
    yield client.get("/one-line")
    yield client.get("/unpacked")
    yield client.get("/unpacked-only")
    yield client.get("/called-by-others")
    yield client.get("/others")
