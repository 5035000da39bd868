import commands
from api import app


def requests(client):  # stays: not-reached
    yield client.get("/titles")
    yield commands.run_all()
    yield client.get("/titles?name=ben")
