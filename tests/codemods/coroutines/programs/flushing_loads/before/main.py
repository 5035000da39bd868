from api import app


def requests(client):
    for path in ("/refreshed", "/expired", "/textual", "/committed", "/unchanged"):
        yield client.put(path)
