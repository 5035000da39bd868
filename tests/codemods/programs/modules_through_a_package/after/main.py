from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from pkg import Person, models
from pkg.a import older
from pkg.models import Address, Base, User


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([User(name="ed", age=30, addresses=[Address(city="ny"), Address(city="la")]), User(name="jo", age=17), User(name="al", age=41, addresses=[Address(city="ny")])])
        session.commit()
    with Session(engine) as session:
        people = session.scalars(select(Person).where(Person.age < 18)).all()
        cities = session.execute(select(models.Address.city).order_by(models.Address.id)).all()
        return [[user.name for user in older(session, 18)], [p.name for p in people], [c for (c,) in cities]]
