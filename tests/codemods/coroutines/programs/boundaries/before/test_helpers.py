from database import SessionLocal
from helpers import count_users


def counted():
    with SessionLocal() as db:
        return count_users(db)


CHECKS = {counted: 3}


def test_users_are_counted():
    assert all(check() == expected for check, expected in CHECKS.items())
