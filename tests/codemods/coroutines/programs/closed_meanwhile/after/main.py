from api import app


def requests(client):
    yield client.get("/again")
    yield client.post("/kept")
    for path in ("counted", "dropped", "refused", "failing", "counted"):
        response = client.get(f"/{path}")
        yield response
        yield response.headers["x-user"]
