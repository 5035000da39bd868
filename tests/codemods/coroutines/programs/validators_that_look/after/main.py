from api import app


def requests(client):
    for path in ("/teams", "/teams/1", "/validated/1", "/described", "/renamed", "/posts/1", "/trimmed"):
        yield client.get(path)
