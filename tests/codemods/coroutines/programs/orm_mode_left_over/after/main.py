from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    return [client.get("/user?number=1").json(), client.get("/users").json()]
