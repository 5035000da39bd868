import routes as routes
from api import app as app
from api import engine


def requests(client):
    yield client.post("/tags", params={"name": "new"})
    yield client.get("/tags")
    engine.dispose()
