"""Shelves of books, which look at what they are given."""

from sqlalchemy import Column, ForeignKey, Integer, String, event
from sqlalchemy.orm import declarative_base, relationship, validates

Base = declarative_base()


class Room(Base):
    __tablename__ = "rooms"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    shelves = relationship("Shelf", back_populates="room", order_by="Shelf.id")


class Shelf(Base):
    __tablename__ = "shelves"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    room_id = Column(ForeignKey("rooms.id"))
    room = relationship("Room", back_populates="shelves")
    books = relationship("Book", back_populates="shelf", order_by="Book.id")

    @property
    def top(self):  # stays: property
        return self.books[0]

    @top.setter
    def top(self, title):  # stays: property
        self.books[0].title = title

    @property
    def label(self):
        return self.name.title()

    @label.setter
    def label(self, value):
        self.name = value.lower()


class Book(Base):
    __tablename__ = "books"
    id = Column(Integer, primary_key=True)
    title = Column(String(50), nullable=False)
    pages = Column(Integer, nullable=False, default=0)
    shelf_id = Column(ForeignKey("shelves.id"))
    shelf = relationship("Shelf", back_populates="books")

    @validates("pages")
    def check_pages(self, key, pages):  # stays: validator
        if self.shelf is not None and pages > 100 * len(self.shelf.books):
            raise ValueError(f"too thick for {self.shelf.name}")
        return pages

    @validates("title")
    def check_title(self, key, title):
        return title.strip()


@event.listens_for(Room.shelves, "append")
def placed(room, shelf, initiator):  # stays: event-handler
    shelf.name = f"{shelf.name} beside {len(room.shelves)}"


def seed(session):  # stays: not-reached
    low = Shelf(name="low")
    room = Room(name="study", shelves=[low])
    session.add_all([room, Book(title="one", pages=1, shelf=low), Book(title="two", pages=2, shelf=low)])
    session.commit()
