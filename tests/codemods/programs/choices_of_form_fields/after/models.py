from sqlalchemy import Column, ForeignKey, Integer, String, select
from sqlalchemy.orm import relationship

from database import Base, db


class Author(Base):
    __tablename__ = "authors"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    books = relationship("Book")

    @classmethod
    def by_name(cls):
        return db.scalars(select(cls).order_by(cls.name)).all()

    @staticmethod
    def named(name="Eco"):
        if not name:
            return []
        return db.scalars(select(Author).where(Author.name == name)).all()

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
        return db.execute(select(cls.id, cls.title).order_by(cls.title)).all()
