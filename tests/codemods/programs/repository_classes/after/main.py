from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from models import Address, Base, User
from users import user


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([User(name="ed", age=30, addresses=[Address(city="ny"), Address(city="la")]), User(name="jo", age=17), User(name="al", age=41, addresses=[Address(city="ny")])])
        session.commit()
    with Session(engine) as session:
        found = [user.get(session, 1).name, user.by_name(session, name="jo").age, [u.name for u in user.of_city(session, "ny")]]
        user.remove(session, id=2)
        return [*found, [u.id for u in user.get_multi(session, skip=0, limit=5)]]
