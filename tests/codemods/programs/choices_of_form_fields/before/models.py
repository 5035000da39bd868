from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import relationship

from database import Base, db


class Author(Base):
    __tablename__ = "authors"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    books = relationship("Book")

    @classmethod
    def by_name(cls):
        return cls.query.order_by(cls.name)

    @staticmethod
    def named(name="Eco"):
        if not name:
            return []
        return db.query(Author).filter(Author.name == name)

    @classmethod
    def with_books(cls):
        return cls.query.filter(cls.books.any())  # refuse: unknown-callers


class Book(Base):
    __tablename__ = "books"
    id = Column(Integer, primary_key=True)
    title = Column(String)
    author_id = Column(ForeignKey("authors.id"))

    @classmethod
    def titles(cls):
        return db.query(cls.id, cls.title).order_by(cls.title)
