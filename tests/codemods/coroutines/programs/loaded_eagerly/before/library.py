"""Books whose pages and shelf every statement loads with them."""

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Shelf(Base):
    __tablename__ = "shelves"

    id = Column(Integer, primary_key=True)
    name = Column(String(20))


class Book(Base):
    __tablename__ = "books"

    id = Column(Integer, primary_key=True)
    title = Column(String(20))
    shelf_id = Column(ForeignKey("shelves.id"))
    pages = relationship("Page", lazy="selectin", order_by="Page.id")
    shelf = relationship("Shelf", lazy="joined")


class Page(Base):
    __tablename__ = "pages"

    id = Column(Integer, primary_key=True)
    text = Column(String(20))
    book_id = Column(ForeignKey("books.id"))


def seed(session):
    shelf = Shelf(name="top")
    session.add(Book(title="first", shelf=shelf, pages=[Page(text="one"), Page(text="two")]))
    session.commit()
