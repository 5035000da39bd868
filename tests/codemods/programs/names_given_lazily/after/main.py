import old
import shop
from models import Address
from old import Person
from shop import Order, Tag
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

import models
from base import Base
from registry import User


def users(session: Session):
    return [(u.name, a.city) for u, a in session.execute(select(models.User, Address).join(Address, Address.user_id == models.User.id))]


def persons(session: Session):
    return session.scalars(select(Person).where(Person.name == "ed")).one().name


def items(session: Session):
    return [item.name for item in session.scalars(select(shop.Item).order_by(shop.Item.id)).all()]


def amounts(session: Session):
    return session.scalar(select(func.sum(Order.amount))), session.scalar(select(func.count()).select_from(select(Tag).subquery()))


def anything(session: Session):
    return [str(found[0]) for found in session.query(old.Any).order_by(User.id)]  # refuse: unknown-elements


def prefixed(session: Session):
    return session.query(old.OldItem).first().name  # refuse: unknown-elements


def main():
    engine = create_engine("sqlite://")
    found = []
    with Session(engine) as session:
        shop.Item, shop.Order, shop.Tag  # noqa: B018
        Base.metadata.create_all(session.connection())
        session.add_all([User(id=1, name="ed"), User(id=2, name="jo"), Address(city="ny", user_id=1)])
        session.add_all([shop.Item(name="pen"), shop.Item(name="ink"), Order(amount=3), Order(amount=4), Tag(name="new")])
        for function in (users, persons, items, amounts, anything, prefixed):
            found.append(function(session))
    return found
