from api import app


def requests(client):
    for path in (
        "/flushed",
        "/looped",
        "/created",
        "/transient",
        "/committed",
        "/filled",
        "/counted",
        "/noted",
        "/marked",
        "/labelled",
        "/overwritten",
        "/given",
        "/unpacked",
    ):
        yield client.post(path)
