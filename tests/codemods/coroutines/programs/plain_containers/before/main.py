from api import app


def requests(client):
    for path in ("pair", "wrapped", "wrapped/all", "named", "box", "adapted", "adapted/there", "adapted/names"):
        yield client.get(f"/{path}")
