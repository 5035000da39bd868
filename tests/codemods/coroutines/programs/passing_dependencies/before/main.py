from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    found: list[Any] = []

    def ask(method: str, path: str, tenant: str = "public") -> None:
        try:
            answer = client.request(method, path, headers={"x-tenant": tenant})
            found.append([answer.status_code, answer.text])
        except Exception as error:
            found.append(type(error).__name__)

    for path in ("/tenant", "/both", "/watched?name=a", "/watched?name=wrong", "/watched?name=refused", "/tagged", "/callback"):
        ask("GET", path, "one")
        ask("GET", "/plain")
    for path in ("/called", "/shared", "/driver", "/unused", "/used"):
        ask("GET", path)
    ask("GET", "/calls")
    ask("POST", "/tenant?name=b&commit=false", "two")
    ask("GET", "/plain")
    ask("POST", "/tenant?name=c&commit=true&user_id=2", "three")
    ask("GET", "/plain")
    return found
