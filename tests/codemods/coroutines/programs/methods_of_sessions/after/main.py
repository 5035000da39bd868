from api import app


def requests(client):
    yield client.post("/undone")
    yield client.post("/saved/news")
    yield client.post("/saved/tips")
    yield client.post("/chosen", params={"keep": True})
    yield client.post("/chosen", params={"keep": False})
    yield client.post("/added")
    yield client.get("/tags")
