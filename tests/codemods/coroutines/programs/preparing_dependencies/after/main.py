from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    found: list[Any] = []

    def ask(method: str, path: str, tenant: str) -> None:
        try:
            answer = client.request(method, path, headers={"x-tenant": tenant})
            found.append([answer.status_code, answer.text])
        except Exception as error:
            found.append(type(error).__name__)

    def get(path: str, tenant: str = "public") -> None:
        ask("GET", path, tenant)

    def post(path: str, tenant: str = "public") -> None:
        ask("POST", path, tenant)

    for path in ("/configured", "/committed", "/executed", "/owned"):
        get(path, "one")
        get("/plain")
    get("/configured?loud=1", "two")
    get("/configured", "broken")
    get("/committed", "broken")
    get("/audited", "three")
    get("/asked", "none")
    get("/paired", "pen")
    get("/pair", "pair")
    get("/plain")
    post("/configured?name=a", "four")
    get("/plain")
    post("/configured?name=b&commit=false", "five")
    get("/plain")
    post("/committed?name=c", "six")
    get("/plain")
    post("/committed?name=wrong", "seven")
    get("/plain")
    return found
