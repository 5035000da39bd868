from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    return [
        client.get("/tags").json(),
        client.post("/tags?name=annotated").json(),
        client.post("/marked?name=marked").json(),
        client.post("/told?name=told").json(),
        client.get("/count").json(),
        client.get("/own").json(),
        client.get("/tags").json(),
    ]
