from api import app as app
from test_tags import test_names


def requests(client):  # stays: not-reached
    for path in ("/tags", "/forgotten", "/raised"):
        yield client.post(path, params={"name": path})
    yield client.get("/tags")
    yield client.get("/counted")
    yield test_names(client)
    yield client.get("/tags")
