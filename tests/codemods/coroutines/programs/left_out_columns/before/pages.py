"""Pages with texts that are loaded when they are asked for, and values that the database computes."""

from sqlalchemy import Column, Computed, ForeignKey, Integer, String, Text, func, select
from sqlalchemy.orm import column_property, declarative_base, deferred, relationship

Base = declarative_base()


class Book(Base):
    __tablename__ = "books"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    pages = relationship("Page", back_populates="book", order_by="Page.id")


class Page(Base):
    __tablename__ = "pages"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    place = Column(String(50))
    text = deferred(Column(Text))
    note = deferred(Column(Text), group="notes")
    length = Column(Integer, Computed("length(name)", persisted=True))
    title = column_property(name + "!")
    book_id = Column(ForeignKey("books.id"))
    book = relationship(Book, back_populates="pages")

    @property
    def head(self):  # stays: property
        return self.text[:3]


Book.number = column_property(
    select(func.count(Page.id)).where(Page.book_id == Book.id).correlate_except(Page).scalar_subquery()
)


def seed(session):  # stays: not-reached
    book = Book(name="one")
    book.pages = [Page(name=n, text=f"text of {n}", note=f"note of {n}", place=n) for n in ("a", "bb")]
    session.add(book)
    session.commit()
