from api import app


def requests(client):
    yield client.get("/users")
    yield client.get("/users?start=b")
    yield client.get("/user?user_id=1")
    yield client.get("/user?user_id=99")
    yield client.post("/users?name=dora")
    yield client.post("/users?name=dora")
    yield client.post("/users/1/login")
    yield client.delete("/users/2")
    yield client.delete("/users/2")
