import api
from api import app


def requests(client):
    yield client.get("/busy")
    yield client.get("/nested")
    yield client.post("/count")
    yield api.log
    yield client.get("/existing")
