from api import app

MODELS = "staff"


def requests(client):
    for path in (
        "/labels",
        "/described",
        "/described2",
        "/engs",
        "/any",
        "/team",
        "/get",
        "/getemp",
    ):
        yield client.get(path)
    for path in ("/new", "/new2", "/longer", "/renamed"):
        yield client.post(path)
