from api import app


def requests(client):
    for route in app.routes:
        if "POST" in getattr(route, "methods", ()):
            yield client.post(route.path)
