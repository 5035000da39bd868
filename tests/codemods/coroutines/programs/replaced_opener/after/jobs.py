from models import User
from session import get_sync_session


def first_name() -> str:  # stays: replaced-opener
    with get_sync_session() as db:
        return db.get(User, 1).name
