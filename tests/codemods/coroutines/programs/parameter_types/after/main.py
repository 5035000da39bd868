from api import app


def requests(client):
    # Only what both drivers take: the others end with asyncpg's error.
    yield client.get("/number?ident=2&token=3")
