from api import app


def requests(client):
    for path in (
        "/users", "/users?size=3", "/posts", "/page", "/envelope", "/inside", "/pair", "/made/1", "/made/9", "/listed", "/mended",
        "/plain",
    ):  # fmt: skip
        yield client.get(path)
