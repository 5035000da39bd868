from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    return [
        client.post("/tags?name=first").json(),
        client.post("/tags?name=dropped").json(),
        client.post("/tags?name=second").json(),
        client.get("/tags").json(),
        client.get("/shared").json(),
        client.get("/always").json(),
        client.get("/of_classes").json(),
    ]
