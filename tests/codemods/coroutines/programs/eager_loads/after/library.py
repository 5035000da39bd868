"""Shelves of books, with their authors and loans."""

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, object_session, relationship

Base = declarative_base()


class Shelf(Base):
    __tablename__ = "shelves"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    books = relationship("Book", back_populates="shelf", order_by="Book.title")

    @property
    def authors(self):  # stays: property
        return sorted({book.author.name for book in self.books if book.author})


class Author(Base):
    __tablename__ = "authors"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    books = relationship("Book", back_populates="author", order_by="Book.id")
    loans = relationship("Loan", lazy="dynamic", viewonly=True, secondary="books", order_by="Loan.id")

    @property
    def titles(self):  # stays: property
        return [book.title for book in self.books]

    @titles.setter
    def titles(self, value):
        self.name = value[0]

    @property
    def others(self):  # stays: property
        return object_session(self).query(Author).filter(Author.id != self.id).count()


class Book(Base):
    __tablename__ = "books"
    id = Column(Integer, primary_key=True)
    title = Column(String(50), nullable=False)
    pages = Column(Integer, nullable=False, default=1)
    shelf_id = Column(ForeignKey("shelves.id"), nullable=False)
    author_id = Column(ForeignKey("authors.id"))
    shelf = relationship("Shelf", back_populates="books")
    author = relationship("Author", back_populates="books")
    loans = relationship("Loan", back_populates="book", order_by="Loan.id")


class Loan(Base):
    __tablename__ = "loans"
    id = Column(Integer, primary_key=True)
    reader = Column(String(50), nullable=False)
    book_id = Column(ForeignKey("books.id"), nullable=False)
    book = relationship("Book", back_populates="loans")


def seed(session):
    red, blue = Shelf(id=1, name="red"), Shelf(id=2, name="blue")
    ann, bob = Author(id=1, name="ann"), Author(id=2, name="bob")
    session.add_all([red, blue, ann, bob])
    session.flush()
    session.add_all(
        [
            Book(id=1, title="z", shelf=red, author=ann),
            Book(id=2, title="a", shelf=red, author=bob),
            Book(id=3, title="m", shelf=blue, author=ann),
            Book(id=4, title="b", shelf=blue),
        ]
    )
    session.flush()
    session.add_all([Loan(id=1, reader="cy", book_id=1), Loan(id=2, reader="di", book_id=1), Loan(id=3, reader="cy", book_id=3)])
    session.commit()
