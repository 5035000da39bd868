from api import app


def requests(client):
    yield client.post("/inner", params={"name": "twig", "parent_id": 4})
    yield client.post("/outer", params={"name": "other"})
    yield client.post("/named", params={"parent_id": 2})
