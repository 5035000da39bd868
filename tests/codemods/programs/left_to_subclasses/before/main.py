from contextlib import contextmanager

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

from models import Address, Base, User
from repositories import Addresses, TextReports, UserReports, Users

engine = create_engine("sqlite://", poolclass=StaticPool)
factory = sessionmaker(engine)


@contextmanager
def opened():
    session = factory()
    yield session
    session.close()


class Store:
    def query(self, source):
        return [source]


def main():
    Base.metadata.create_all(engine)
    with opened() as session:
        session.add_all([User(name="ed", addresses=[Address(city="ny"), Address(city="la")]), User(name="jo")])
        session.commit()
    found = []
    with opened() as session:
        found.append(Users().newest(session).name)
        found.append(Addresses().get(session, 1).city)
        query = session.query(User).filter(User.name == "ed")
        found.append(query.count())
    with opened() as session:
        query = session.query(Address).filter(Address.city == "la")
        found.append([address.user.name for address in query])
        found.append((Users().count(session, name="ed"), Addresses().count(session)))
    return [*found, TextReports().rows(Store()), len(UserReports().rows(Store()))]
