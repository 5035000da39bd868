from api import app


def requests(client):
    yield client.get("/totals")
    yield client.get("/names/users")
    yield client.get("/names/tags")
    yield client.get("/sizes")
    yield client.get("/first")
    yield client.get("/behind")
    yield client.get("/injected")
