import api
from api import app


def requests(client):
    yield client.get("/busy")
    yield client.get("/nested")
    yield client.post("/count")
    yield api.log
    yield client.get("/existing")
    yield client.get("/mapped")
    yield client.get("/grouped")
    yield client.get("/found?name=red")
