from api import app


def requests(client):
    for path in (
        "/me",
        "/context",
        "/required",
        "/optional",
        "/optional?name=ben",
        "/count",
        "/many",
        "/dashboard",
        "/summary",
        "/summaries",
    ):
        for name in ("ada", "ben", "nobody"):
            yield client.get(path, headers={"token": f"Bearer {name}"})
    for path in (
        "/others/one",
        "/others/all",
        "/others/one?name=ben",
        "/others/any",
        "/others/every",
        "/others/replaced",
        "/others/calling",
    ):
        yield client.get(path)
