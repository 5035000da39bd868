from typing import Any

from api import app as app


def requests(client: Any) -> list[Any]:
    return [
        client.get("/me").json(),
        client.get("/me", headers={"Authorization": "Bearer nobody"}).status_code,
        client.get("/badge?name=cleo").json(),
        client.post("/printed").json(),
        client.get("/badges").json(),
        client.get("/counted?name=ben").json(),
        client.get("/optional?name=cleo").json(),
        client.get("/optional?name=nobody").status_code,
        client.get("/both?first=ben&second=cleo").json(),
        client.get("/count?name=red").json(),
        client.get("/team?name=red").json(),
        client.post("/tags?name=new").json(),
        client.post("/drafts?name=lost").json(),
        client.post("/welcome", headers={"Authorization": "Bearer ben"}).json(),
        client.post("/tags/1?name=twice").json(),
        client.post("/tags/77?name=late").json(),
        client.put("/tags/2?name=other").json(),
        client.get("/tags").json(),
        client.get("/name").json(),
        client.get("/named").json(),
    ]
