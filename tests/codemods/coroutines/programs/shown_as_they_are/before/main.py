from api import app


def requests(client):
    yield client.post("/posts")
    yield client.post("/posts/logged")
    yield client.post("/posts/refreshed")
    yield client.put("/posts/1/tags")
    yield client.put("/named/one/1")
    yield client.put("/named/2/twice")
    yield client.put("/named/2/read")
    yield client.put("/named/3/counted")
    yield client.put("/named/all")
    yield client.put("/named/page")
    yield client.put("/named/page/expired")
    yield client.put("/named/keys")
