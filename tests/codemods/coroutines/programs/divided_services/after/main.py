from api import app


def requests(client):
    for path in ("/counted", "/names", "/named"):
        yield client.get(path)
