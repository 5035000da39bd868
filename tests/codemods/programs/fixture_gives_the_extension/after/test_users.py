from sqlalchemy import func, select

from app import User


def test_a_user_is_stored(db):
    db.session.add(User(name="ed"))
    db.session.commit()
    assert db.session.scalars(select(User).filter_by(name="ed")).one().id == 1


def test_there_is_nobody(db, app):
    assert db.session.scalars(select(User)).all() == []


def test_one_of_two_is_found(db):
    db.session.add_all([User(name="ed"), User(name="jo")])
    db.session.flush()
    assert db.session.scalar(select(func.count()).select_from(select(User).subquery())) == 2
    assert db.session.scalars(select(User).order_by(User.id.desc()).limit(1)).first().name == "jo"
