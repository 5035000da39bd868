from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from shop.lib import labels, names, tickets
from shop.model import Base, Item, Label, User


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([User(id=1, name="ed"), Item(id=1, user_id=1), Label(id=1, text="new")])
        session.commit()
        return [names(session), tickets(session), labels(session)]
