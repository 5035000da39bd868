from typing import TypeVar

from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import Session, configure_mappers
from sqlalchemy.pool import StaticPool

from models import addresses, mapped, mappers, users

Model = TypeVar("Model")


def owned(session: Session, model: type[Model]):
    return [a.city for a in session.query(model).filter(model.user.has(name="ed")).order_by(model.id)]  # refuse: backref-first


def homeless(session: Session, model: type[Model]):
    return [a.id for a in session.query(model).filter_by(user=None)]  # refuse: backref-first


def by_name(session: Session, classes):
    Address = classes["address"]
    return [a.city for a in session.query(Address).filter(Address.user.has(name="ed")).order_by(Address.id)]  # refuse: backref-first


def in_city(session: Session, model: type[Model], city):
    return [a.id for a in session.scalars(select(model).where(model.city == city)).unique()]


def after_configuring(session: Session, model: type[Model]):
    configure_mappers()
    return [a.city for a in session.scalars(select(model).where(model.user.has(name="jo")).order_by(model.id)).unique()]


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    mappers.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(users), [{"id": 1, "name": "ed"}, {"id": 2, "name": "jo"}])
        connection.execute(insert(addresses), [{"city": c, "user_id": u} for c, u in [("ny", 1), ("la", 2), ("sf", None)]])
    found = []
    with Session(engine) as session:
        found.append(by_name(session, mapped()))
    mappers.dispose()
    for function in (owned, homeless, lambda s, m: in_city(s, m, "ny"), after_configuring):
        classes = mapped()  # kept: a class that nothing holds could be collected before it is configured
        with Session(engine) as session:
            found.append(function(session, classes["address"]))
        mappers.dispose()
    return found
