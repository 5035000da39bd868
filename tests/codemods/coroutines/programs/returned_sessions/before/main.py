from typing import Any

from sqlalchemy.orm import close_all_sessions

from api import app as app


def requests(client: Any) -> list[Any]:
    found: list[Any] = []

    def ask(method: str, path: str) -> None:
        answer = client.request(method, path)
        found.append([answer.status_code, answer.text])
        close_all_sessions()  # those that nobody closes, which would end with their last reference

    ask("GET", "/posts")
    ask("GET", "/posts?name=nobody")
    ask("POST", "/posts?title=one")
    ask("POST", "/posts?title=two&commit=false")
    ask("POST", "/posts?title=wrong")
    ask("GET", "/count")
    ask("POST", "/tags?name=new")
    ask("GET", "/tags")
    ask("GET", "/made")
    ask("GET", "/made")
    ask("GET", "/used")
    ask("GET", "/tags")
    return found
