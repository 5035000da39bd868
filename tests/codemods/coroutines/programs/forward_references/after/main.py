from api import app


def requests(client):
    for path in ("/teams", "/teams/1", "/teams/9", "/users"):
        yield client.get(path)
