from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from models import Address, Base, User
from views import city, index


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([User(name="ed", age=30, addresses=[Address(city="ny"), Address(city="la")]), User(name="jo", age=17), User(name="al", age=41, addresses=[Address(city="ny")])])
        session.commit()
    with Session(engine) as session:
        return [index(session, 0), index(session, 1), [user.name for user in city(session, "ny")]]
