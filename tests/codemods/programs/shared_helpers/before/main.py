from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from models import Address, Base, User
from views import Report, already, described, filtered, first_address, first_flat, flat_ids, lonely, number, one_named, per_user, recorded, shown, some, starting, users


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([User(name="ed", addresses=[Address(city="ny"), Address(city="la")]), User(name="jo"), User(name="al", addresses=[Address(city="ny")])])
        session.commit()
    with Session(engine) as session:
        report = Report(session)
        return [report.cities(), report.users(), users(session, 2), first_address(session), per_user(session), number(session), already(session), recorded(), some(session), lonely(session), starting(session), filtered(session), described(session), one_named(session), shown(session), first_flat(session), flat_ids(session)]
