from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    return [
        client.get("/posts").json(),
        client.get("/posts?name=nobody").status_code,
        client.post("/posts?title=four").json(),
        client.post("/posts?title=five&name=ben").json(),
        client.get("/posts").json(),
        client.get("/first").json(),
        client.get("/first?name=ben").json(),
        client.get("/last?permission=read").json(),
        client.get("/last?permission=write&name=ben").status_code,
    ]
