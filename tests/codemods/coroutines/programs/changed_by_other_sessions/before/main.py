from api import app


def requests(client):
    for route in app.routes:
        if "PUT" in getattr(route, "methods", ()):
            yield client.put(route.path)
            yield client.get("/all")
