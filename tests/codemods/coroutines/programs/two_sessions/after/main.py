from api import app


def requests(client):
    yield client.get("/members/1")
    yield client.get("/members/2")
    yield client.post("/visits")
    yield client.post("/shown")
    yield client.get("/logins")
