import os
import sys

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool


def main():
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "src"))
    from stall.listings import Items, Users
    from stall.models import Base, Item, User

    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([User(name="ed"), User(name="jo"), Item(label="one"), Item(label="two")])
        session.commit()
        users, items = Users(session), Items(session)
        return [
            [user.name for user in users.everything()],
            [item.label for item in items.everything()],
            users.search("jo").name,
            items.search("o").label,
            [users.title(), items.title()],
        ]
