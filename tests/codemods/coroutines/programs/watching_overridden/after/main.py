from alchemove import session_override

from api import app
from database import SessionLocal
from deps import async_get_db


def requests(client):  # stays: not-reached
    """What overrides the dependency does nothing about errors: the tests go on with what was written before one."""
    with SessionLocal() as session:
        app.dependency_overrides[async_get_db] = session_override(lambda: session)
        yield client.post("/tags", params={"name": "refused"})
        yield client.get("/tags")
        yield client.post("/tags", params={"name": "kept"})
        yield client.get("/tags")
    del app.dependency_overrides[async_get_db]
    yield client.post("/tags", params={"name": "refused"})
    yield client.get("/tags")
