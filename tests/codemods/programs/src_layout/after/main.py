import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "src"))

from shop import Address, Base, User
from shop.db import SessionLocal, engine
from shop.services.nested.report import total
from shop.services.users import names


def main():
    Base.metadata.create_all(engine)
    with SessionLocal() as session:
        session.add_all([User(name="ed", age=30, addresses=[Address(city="ny")]), User(name="jo", age=17)])
        session.commit()
    return [names(), total()]
