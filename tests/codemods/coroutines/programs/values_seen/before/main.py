from api import app

MODELS = "library"


def requests(client):
    yield client.put("/top/1?title=first")
    yield client.put("/label/1?value=LOWER")
    yield client.put("/pages/1?pages=150")
    yield client.put("/pages/1?pages=1500")
    yield client.put("/title/1?title=%20spaced")
    yield client.patch("/books/2", json={"pages": 10, "title": " two"})
    yield client.post("/books/1?pages=120")
    yield client.post("/loose?title=alone%20")
    yield client.post("/shelves/1?name=high")
