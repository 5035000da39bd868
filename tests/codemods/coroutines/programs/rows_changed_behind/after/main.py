from api import app


def requests(client):
    yield client.put("/unsynchronised", params={"name": "eve"})
    yield client.put("/textual")
    yield client.put("/table")
    yield client.put("/refreshed")
    yield client.put("/used")
    yield client.put("/helper")
    yield client.delete("/nothing")
    yield client.put("/synchronised")
    yield client.put("/line")
    yield client.put("/replaced")
    yield client.put("/inserted")
    yield client.put("/beside")
    yield client.put("/head")
    yield client.put("/caught")
