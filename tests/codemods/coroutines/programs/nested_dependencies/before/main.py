from api import app

NAMES = """
committing
closing
closing_committed
telling
unit
scope
from
from_committing
other_error
asked
asked_otherwise
async
""".split()


def requests(client):
    for name in NAMES:
        yield client.post(f"/{name}", params={"name": name})
        if name != "other_error":
            yield client.post(f"/{name}", params={"name": "refused"})
        yield client.get("/tags")
