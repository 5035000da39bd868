"""The sessions get their query class out of a dictionary."""

from sqlalchemy import Boolean, Column, Integer, create_engine, func, select
from sqlalchemy.orm import Query, Session, declarative_base, sessionmaker

Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
    deleted = Column(Boolean, default=False)


class Present(Query):
    def all(self):
        return [note for note in super().all() if not note.deleted]


OPTIONS = {"query_cls": Present}


def notes(session: Session):
    return session.query(Note).all()  # refuse: custom-query-class


def main():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with sessionmaker(engine, **OPTIONS)() as session:
        session.add_all([Note(), Note(deleted=True)])
        session.commit()
        return [note.id for note in notes(session)], session.scalar(select(func.count()).select_from(select(Note).subquery()))
