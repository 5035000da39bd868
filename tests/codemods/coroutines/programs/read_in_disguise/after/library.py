"""Shelves whose special methods read what they hold."""

from functools import total_ordering

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


@total_ordering
class Shelf(Base):
    __tablename__ = "shelves"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    books = relationship("Book", back_populates="shelf", order_by="Book.id")

    def __str__(self):  # stays: special-method
        return f"{self.name} with {len(self.books)}"  # stays: unknown-origin

    def __bool__(self):  # stays: special-method
        return len(self.books) > 0  # stays: unknown-origin

    def __lt__(self, other):  # stays: special-method
        return len(self.books) < len(other.books)  # stays: unknown-origin


class Book(Base):
    __tablename__ = "books"
    id = Column(Integer, primary_key=True)
    title = Column(String(50), nullable=False)
    shelf_id = Column(ForeignKey("shelves.id"))
    shelf = relationship("Shelf", back_populates="books")

    def __str__(self):
        return self.title

    def __lt__(self, other):
        return self.title < other.title


def seed(session):
    low, high = Shelf(name="low"), Shelf(name="high")
    session.add_all([low, high, *(Book(title=title, shelf=low) for title in ("two", "one"))])
    session.commit()
