import session
from api import app as app


def requests(client):
    for path in ("/later", "/opened", "/flushing", "/twice", "/later"):
        yield client.post(path, params={"name": path})
    session.engine.dispose()
