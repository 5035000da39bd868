from sqlalchemy import Column, Integer, String, func, select
from sqlalchemy.orm import Query, declarative_base

from database import Database

Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
    text = Column(String)


class Short(Query):
    """What the sessions of the program get in the end."""

    def all(self):
        return [note for note in super().all() if len(note.text) < 3]


class Notes:
    def __init__(self):
        self.db = Database("sqlite://", Base, {"autoflush": True})
        self.db.Query = Short

    def add(self, text):
        self.db.session.add(Note(text=text))

    def texts(self):
        return [note.text for note in self.db.session.query(Note).all()]  # refuse: custom-query-class

    def count(self):
        return self.db.session.scalar(select(func.count()).select_from(select(Note).subquery()))


def main():
    notes = Notes()
    Base.metadata.create_all(notes.db.engine)
    notes.add("a")
    notes.add("long")
    return notes.texts(), notes.count()
