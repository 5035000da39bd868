from sqlalchemy import func, select

from models import Base, User, engine, session


def main():
    Base.metadata.create_all(engine)
    session.add_all([User(name="ed"), User(name="jo")])
    session.commit()
    found = [user.id for user in User.named("ed")], session.scalar(select(func.count()).select_from(select(User).subquery())), User.query().count()  # refuse: model-not-proved
    session.remove()
    return found
