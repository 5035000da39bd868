from shop.users import User, oldest


def test_the_oldest_is_the_first(db):
    assert oldest(db).name == "ed"


def test_names_are_single(db):
    assert db.query(User.name, User.id).filter_by(name="jo").all() == [("jo", 2)]


def test_a_user_is_removed(db):
    db.query(User).filter(User.name == "jo").delete()
    assert db.query(User).count() == 1
