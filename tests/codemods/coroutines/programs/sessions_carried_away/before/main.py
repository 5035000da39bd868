from api import app


def requests(client):
    paths = "method coroutine lambda object response thread pool elsewhere threadpool to-thread task partial bus called"
    for path in paths.split():
        yield client.post(f"/{path}")
    yield client.post("/direct")
    yield client.post("/uncommitted")
    yield client.post("/harmless")
    yield client.post("/elsewhere")
    for path in ("closure", "closure-with-object", "closure-itself"):
        yield client.post(f"/{path}")
