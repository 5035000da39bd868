from api import app


def requests(client):
    yield client.get("/teams/blue")
    yield client.get("/teams/blue/eager")
    yield client.get("/rows")
    yield client.get("/users/ada")
    yield client.get("/plain/ada")
    yield client.get("/posts")
    yield client.get("/page")
    yield client.post("/users/ada/rename?to=eve")
    yield client.post("/users?name=new")
