from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    found: list[Any] = []
    for headers in ({}, {"x-token": "ada"}):
        for method, path in (
            ("GET", "/checked"),
            ("POST", "/checked?name=new"),
            ("GET", "/sharded?shard=1&name=new"),
            ("GET", "/sharded?shard=one"),
            ("GET", "/method"),
            ("GET", "/returned"),
            ("GET", "/optioned?name=odd"),
            ("GET", "/bound"),
        ):
            answer = client.request(method, path, headers=headers)
            found.append([answer.status_code, answer.text])
    return found
