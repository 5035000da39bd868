from api import app


def requests(client):
    for path in ("/number?ident=2&token=3", "/token?token=2", "/text?ident=2", "/subject?token=3", "/converted?token=1"):
        yield client.get(path)
