from api import app


def requests(client):
    yield client.get("/names")
    yield client.get("/none")
