import session
from api import app as app


def requests(client):
    for name in ("first", "refused", "second"):
        yield client.post("/tags", params={"name": name})
    yield client.get("/other")
    session.engine.dispose()
