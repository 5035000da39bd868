from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    return [client.put("/kept?name=new").json(), client.get("/user").json()]
