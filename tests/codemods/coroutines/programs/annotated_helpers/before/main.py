from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    return [
        client.post("/posts?title=four").json(),
        client.post("/posts?title=five&name=nobody").status_code,
        client.post("/reminders?name=ben").json(),
        client.get("/tags").json(),
        client.get("/teams?kind=members").json(),
        client.get("/teams?kind=written&team=red").json(),
    ]
