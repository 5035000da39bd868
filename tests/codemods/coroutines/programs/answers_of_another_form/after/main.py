from api import app


def answer(client, path):
    try:
        return client.get(path)
    except Exception:
        # The server answers 500, and shows nothing of it.
        return client.get("/names")


def requests(client):
    for path in ("/caught", "/converted", "/wrapped", "/written", "/plain", "/uncaught"):
        yield answer(client, f"{path}/1")
        yield answer(client, f"{path}/2")
    yield client.get("/names")
