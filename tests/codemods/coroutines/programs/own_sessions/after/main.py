from api import app


def requests(client):
    yield client.get("/users")
    yield client.post("/tags?name=fresh")
    yield client.post("/fails?name=lost")
    yield client.post("/tried?name=tried")
    yield client.get("/coroutine")
    yield client.get("/both")
    yield client.post("/mixed?name=mixed")
    yield client.post("/later")
    yield client.post("/audited?name=audited")
    yield client.get("/users")
