from api import app

MODELS = "words"


def requests(client):
    for path in ("/names", "/words", "/teams", "/users", "/pair", "/held"):
        yield client.get(path)
    yield client.post("/word")
    yield client.post("/made")
