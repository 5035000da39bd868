from api import app

MODELS = "desk"


def requests(client):
    for path in ("/shown/1", "/registered/2", "/applied/1", "/mapped", "/sorted", "/viewed/2", "/parts/1", "/named", "/notes/1", "/described/1", "/reduced/1"):
        yield client.get(path)
