from api import app


def requests(client):
    for number in (1, 3):
        for what in ("name", "logins", "known", "whole", "team"):
            yield client.get(f"/users/{number}/{what}")
        for what in ("titles", "id", "name"):
            yield client.get(f"/current/{number}/{what}")
    for path in ("/both", "/named", "/some", "/posts/1/author", "/posts/1/title", "/posts/2/again"):
        yield client.get(path)
    for what in ("tags", "title", "id"):
        yield client.get(f"/first/{what}")
        yield client.get(f"/last/{what}")
    yield client.get("/everybody/posts")
    yield client.get("/everybody/names")
    yield client.get("/everybody/first")
    yield client.get("/everybody/number")
