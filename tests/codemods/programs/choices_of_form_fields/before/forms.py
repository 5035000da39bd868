from functools import partial

from wtforms_sqlalchemy import QuerySelectField

from database import db
from models import Author, Book


def listed():
    return Book.query.order_by(Book.id)


class BookForm:
    author = QuerySelectField(query_factory=Author.by_name, get_label=lambda a: a.name)
    dick = QuerySelectField(query_factory=partial(Author.named, "Dick"), get_label=lambda a: a.name)
    writing = QuerySelectField(query_factory=Author.with_books, get_label=lambda a: a.name)
    title = QuerySelectField(query_factory=Book.titles, get_label=lambda b: b.title)
    book = QuerySelectField(**{"query_factory": listed, "get_label": lambda b: b.title})
    last = QuerySelectField(query_factory=lambda: db.query(Book).order_by(Book.id.desc()), get_label=lambda b: b.title)

    def fields(self):
        return [self.author, self.dick, self.writing, self.title, self.book, self.last]

    def alone(self):
        return db.query(Author).filter(~Author.books.any())
