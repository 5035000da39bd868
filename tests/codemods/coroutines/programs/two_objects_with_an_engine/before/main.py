from api import app as app
from connection import kept, other


def requests(client):
    for path in ("/kept", "/other"):
        yield client.post(path, params={"name": path})
    kept.engine.dispose()
    other.engine.dispose()
