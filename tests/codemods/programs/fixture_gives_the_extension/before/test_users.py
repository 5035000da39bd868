from app import User


def test_a_user_is_stored(db):
    db.session.add(User(name="ed"))
    db.session.commit()
    assert User.query.filter_by(name="ed").one().id == 1


def test_there_is_nobody(db, app):
    assert User.query.all() == []


def test_one_of_two_is_found(db):
    db.session.add_all([User(name="ed"), User(name="jo")])
    db.session.flush()
    assert User.query.count() == 2
    assert User.query.order_by(User.id.desc()).first().name == "jo"
