from sqlalchemy import delete, func, select

from models import Address, User


def test_there_is_one(db):
    assert db.scalar(select(func.count()).select_from(select(User).subquery())) == 1


def test_ed(db, ed):
    assert db.scalars(select(Address).where(Address.user_id == ed.id).limit(1)).first().city == "ny"


class TestDeleting:
    def test_deleting(self, db):
        db.execute(delete(Address))
        assert db.scalars(select(Address)).all() == []
