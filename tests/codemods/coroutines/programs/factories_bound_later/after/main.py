import session
from api import app as app


def requests(client):
    for path in ("/later", "/opened", "/flushing", "/twice", "/made_here", "/later"):
        yield client.post(path, params={"name": path})
    session.engine.dispose()
