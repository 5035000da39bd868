from api import app


def requests(client):
    for path in (
        "/me",
        "/team",
        "/first",
        "/name",
        "/count/name",
        "/known",
        "/count",
        "/count/team",
        "/count/first",
        "/seen",
        "/visit",
        "/count/visit",
        "/key",
        "/count/key",
    ):
        for name in ("ada", "cleo", "nobody"):
            yield client.get(path, headers={"x-name": name})
    for path in ("/tags", "/count/tags", "/counting", "/count/counting", "/teams", "/count/teams"):
        yield client.get(path)
