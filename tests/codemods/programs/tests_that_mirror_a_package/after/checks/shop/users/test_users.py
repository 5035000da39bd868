from sqlalchemy import delete, func, select

from shop.users import User, oldest


def test_the_oldest_is_the_first(db):
    assert oldest(db).name == "ed"


def test_names_are_single(db):
    assert db.execute(select(User.name, User.id).filter_by(name="jo")).all() == [("jo", 2)]


def test_a_user_is_removed(db):
    db.execute(delete(User).where(User.name == "jo"))
    assert db.scalar(select(func.count()).select_from(select(User).subquery())) == 1
