from api import app


def requests(client):
    for path in (
        "/ada",
        "/some",
        "/named",
        "/alias",
        "/same",
        "/count/ada",
        "/count/some",
        "/count/named",
        "/count/bob",
        "/count/alias",
        "/count/inline",
        "/few",
        "/count/few",
    ):
        for name in ("ada", "bob", "cleo", "nobody"):
            yield client.get(path, headers={"x-name": name})
