from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    return [
        client.get("/team?name=blue").json(),
        client.get("/posts").json(),
        client.get("/deeper").json(),
        client.get("/last").json(),
        client.get("/enough").json(),
    ]
