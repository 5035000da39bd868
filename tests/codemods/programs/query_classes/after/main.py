from sqlalchemy import func, select

from database import Base, engine, living, session
from models import Person, River, Town


def count_of(opened, model):
    return opened.scalar(select(func.count()).select_from(select(model).subquery()))


def main():
    Base.metadata.create_all(engine)
    session.add_all([Person(name="ed"), Person(name="jo", alive=False), Town(name="a"), Town(name="b"), River(name="x")])
    session.commit()
    found = [person.name for person in session.scalars(select(Person).order_by(Person.id))]
    found += [session.get(Person, 1).name, session.scalars(select(Person).filter_by(name="jo")).one().name]
    found += [person.name for person in Person.query.starting("j")]  # refuse: custom-query-class
    found += [person.name for person in session.query(Person).starting("e")]  # refuse: custom-query-class
    found += [town.name for town in Town.query.order_by(Town.id)]  # refuse: custom-query-class
    found += [Town.query.get(1).name]  # refuse: custom-query-class
    found += [river.name for river in session.scalars(select(River))]
    found += [River.query.starting("x").count()]  # refuse: custom-query-class
    with living() as opened:
        found += [person.name for person in opened.scalars(select(Person).order_by(Person.id))]
        found += [person.name for person in opened.query(Person).filter_by(id=2)]  # refuse: custom-query-class
        found += [person.name for person in opened.query(Person).filter(Person.id == 2)]  # refuse: custom-query-class
    return [*found, count_of(session, Person), count_of(living(), Person)]
