from api import app


def requests(client):
    for path in ("/tagged", "/queried", "/translated", "/made", "/moved"):
        yield client.post(path)
