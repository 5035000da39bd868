from api import app


def requests(client):
    yield client.post("/tags?name=new")
    yield client.post("/tags?name=")
    yield client.post("/tags?name=early")
    yield client.post("/login")
    yield client.post("/forgiving?name=x")
    yield client.post("/forgiving?name=")
    yield client.get("/own")
    yield client.post("/both")
    yield client.get("/locked")
    yield client.get("/names")
    yield client.get("/collected")
    yield client.post("/rename")
    yield client.get("/guarded")
    yield client.get("/first")
    yield client.get("/streamed").text
