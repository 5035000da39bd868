from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    return [client.get("/posts").json(), client.get("/posts?name=ben").json()]
