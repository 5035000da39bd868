from library import Author, Book
from collections.abc import Sequence
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption


async def by_number(db: AsyncSession, number: int, options: Sequence[ORMOption] = ()):
    return (await db.scalars(select(Book).where(Book.id == number).options(joinedload(Book.shelf)).options(*options))).one_or_none()


async def author_of(db: AsyncSession, number: int):
    return (await db.scalars(select(Author).where(Author.id == number).options(selectinload(Author.books)))).one()


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
        return self.db.get(Author, number, options=[selectinload(Author.books)])


def label(book: Book):
    return f"{book.title} by {book.author.name if book.author else '?'}"
