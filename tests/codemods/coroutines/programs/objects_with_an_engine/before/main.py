from api import app as app
from connection import kept

PATHS = ("/of_the_object", "/by_its_name", "/committed", "/opened", "/local", "/handed")


def requests(client):
    for path in PATHS:
        yield client.post(path, params={"name": path})
    kept.engine.dispose()
