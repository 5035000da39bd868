from api import app


def requests(client):
    for path in ("/me", "/count", "/latest", "/count", "/latest", "/me?name=ben"):
        yield client.get(path)
