from api import app


def requests(client):
    yield client.get("/overview")
    yield client.get("/counts")
    yield client.post("/posts?name=ada&title=four")
    yield client.post("/posts?name=nobody&title=four")
    yield client.get("/overview")
    yield client.get("/figures")
    yield client.get("/scope?name=cleo")
