from database import SessionLocal
from helpers import count_users


def test_users_are_counted():  # stays: test
    with SessionLocal() as db:
        assert count_users(db) == 3
