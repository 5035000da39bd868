"""A repository with the session that it is given."""

from models import Person
from sqlalchemy import select
from sqlalchemy.orm import Session


class Repository:
    def __init__(self, session: Session):
        self.session = session

    def _commit(self):
        try:
            self.session.commit()
        except Exception:
            self.session.rollback()
            raise


class PersonRepository(Repository):
    def get(self, key: int) -> Person | None:
        return self.session.get(Person, key)

    def all(self) -> list[Person]:
        return list(self.session.scalars(select(Person).order_by(Person.name)))

    def add(self, person: Person) -> Person:
        self.session.add(person)
        self._commit()
        self.session.refresh(person)
        return person

    def save(self, person: Person, **values) -> Person:
        for name, value in values.items():
            setattr(person, name, value)
        self._commit()
        return person
