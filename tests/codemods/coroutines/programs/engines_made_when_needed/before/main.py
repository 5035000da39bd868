from typing import Any

import connection
from api import app as app


def requests(client: Any) -> list[Any]:
    connection.configure()
    connection.Replaced = connection.Local
    found = [
        client.post("/tags?name=first").json(),
        client.get("/at-once").json(),
        client.post("/configured?name=second").json(),
        client.get("/of-engine").json(),
        client.post("/flushing?name=third").json(),
        client.post("/at-import?name=fourth").json(),
        client.get("/on-another").json(),
        client.get("/counting").json(),
        client.get("/replaced").json(),
        client.get("/shown").json(),
    ]
    connection.get_engine().dispose()
    connection.OnAnother.kw["bind"].dispose()
    return found
