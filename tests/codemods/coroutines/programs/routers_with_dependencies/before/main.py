from api import app


def requests(client):
    for path in ("/leader", "/leader/team", "/inner/teams/1", "/inner/teams/2", "/inner/teams/1?name=nobody", "/teams/1", "/routed/users/1"):
        yield client.get(path)
    for path in ("/tags", "/forgotten", "/kept"):
        yield client.post(path, params={"name": "ada"})
        yield client.get("/users")
