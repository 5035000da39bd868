from api import app

MODELS = "pages"


def requests(client):
    for path in ("/texts", "/models", "/heads", "/short", "/without", "/given", "/groups", "/below", "/by-key/1"):
        yield client.get(path)
    for path in ("/changed", "/made", "/counted", "/added", "/named", "/refreshed"):
        yield client.post(path)
