from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

from database import Database

Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
    text = Column(String)


class Notes:
    def __init__(self):
        self.db = Database("sqlite://", Base, {"autoflush": True})

    def add(self, text):
        self.db.session.add(Note(text=text))

    def named(self, text):
        return self.db.session.query(Note).filter(Note.text == text).one()

    def count(self):
        return self.db.session.query(Note).count()


def main():
    notes = Notes()
    Base.metadata.create_all(notes.db.engine)
    notes.add("a")
    notes.add("b")
    return notes.named("b").id, notes.count()
