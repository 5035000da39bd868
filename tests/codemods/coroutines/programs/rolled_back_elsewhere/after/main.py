from api import app


def requests(client):
    for path in ("back", "forgotten", "repository", "count", "saved", "saved/other", "unasked", "shown"):
        yield client.post(f"/{path}")
    yield client.post("/tried/cleo")
    yield client.post("/tried/dan")
    yield client.post("/later")
    yield client.post("/given/cleo")
    yield client.post("/given/eve")
    yield client.post("/told/cleo")
    yield client.post("/told/fay")
    yield client.post("/kept/cleo")
    yield client.post("/kept/guy")
