from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    return [
        client.get("/me?name=ben").json(),
        client.get("/me?name=nobody").status_code,
        client.post("/posts?title=four").json(),
        client.post("/posts?title=four&name=cleo").status_code,
        client.post("/logins").json(),
        client.get("/team?name=cleo").json(),
        client.get("/visitor").json(),
        client.get("/first").json(),
    ]
