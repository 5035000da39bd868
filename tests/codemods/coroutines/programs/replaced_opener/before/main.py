from contextlib import contextmanager

import jobs
from api import app
from models import User
from session import get_sync_session


@contextmanager
def renamed():  # stays: not-reached
    with get_sync_session() as db:
        db.get(User, 1).name = "replaced"
        yield db
        db.rollback()


def requests(client):  # stays: not-reached
    yield client.get("/names")
    jobs.get_sync_session = renamed
    try:
        yield client.get("/names")
        yield client.get("/first")
    finally:
        jobs.get_sync_session = get_sync_session
