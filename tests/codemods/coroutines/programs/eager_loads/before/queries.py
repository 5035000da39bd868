from library import Author, Book
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload


def by_number(db: Session, number: int):
    return db.scalars(select(Book).where(Book.id == number)).one_or_none()


def author_of(db: Session, number: int):
    return db.scalars(select(Author).where(Author.id == number)).one()


def author_again(db: Session, number: int):  # stays: awaited-inside
    return db.scalars(select(Author).where(Author.id == number)).one()


def of_shelf(name: str):
    statement = select(Book).join(Book.shelf)
    if name:
        statement = statement.where(Book.title != name)
    return statement.order_by(Book.id)


def with_author():
    return (
        select(Book)
        .options(joinedload(Book.author))
        .order_by(Book.id)
    )


class Authors:
    def __init__(self, db: Session):
        self.db = db

    def get(self, number: int) -> Author:  # stays: unfollowed-calls
        return self.db.get(Author, number)


def label(book: Book):
    return f"{book.title} by {book.author.name if book.author else '?'}"
