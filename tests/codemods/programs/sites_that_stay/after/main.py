from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from escaping import keep, maybe, registry, show
from models import Address, Base, User


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([User(name="ed", age=30, addresses=[Address(city="ny"), Address(city="la")]), User(name="jo", age=17), User(name="al", age=41, addresses=[Address(city="ny")])])
        session.commit()
    with Session(engine) as session:
        keep(session)
        names = [user.name for user in registry["users"]]
        return [names, show(session), maybe(session, True), maybe(session, False), session.scalar(select(func.count()).select_from(select(Address).subquery()))]
