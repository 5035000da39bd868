from api import app


def requests(client):
    import start

    yield start.NAMES
    yield client.get("/figures")
    yield client.get("/again")
    yield client.get("/posts")
    yield client.get("/iterated")
    yield client.get("/stepwise")
    yield client.get("/current")
    yield client.get("/mapped")
    yield client.get("/streamed")
    yield client.post("/unit?name=united")
    yield client.get("/contained?name=united")
    yield client.get("/named?name=ben")
