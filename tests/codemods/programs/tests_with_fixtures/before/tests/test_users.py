from models import Address, User


def test_there_is_one(db):
    assert db.query(User).count() == 1


def test_ed(db, ed):
    assert db.query(Address).filter(Address.user_id == ed.id).first().city == "ny"


class TestDeleting:
    def test_deleting(self, db):
        db.query(Address).delete()
        assert db.query(Address).all() == []
