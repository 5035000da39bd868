"""Attributes that are read by a name that is a value, by a pattern, or where SQL was assigned."""

import operator

from database import get_db
from fastapi import Depends, FastAPI
from library import Book, Shelf
from pydantic import BaseModel
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

app = FastAPI()


class BookOut(BaseModel):
    title: str
    lent: int

    class Config:
        from_attributes = True


@app.get("/related")
def related(db: Session = Depends(get_db)):
    shelf = db.scalars(select(Shelf).where(Shelf.name == "top")).one()
    return [book.title for book in getattr(shelf, "books")]  # noqa: B009 - as it is found


@app.get("/chosen/{field}")
def chosen(field: str, db: Session = Depends(get_db)):
    book = db.scalars(select(Book).where(Book.id == 1)).one()
    return getattr(book, field).name  # stays: unknown-origin


@app.get("/columns")
def columns(db: Session = Depends(get_db)):
    return [book.to_dict() for book in db.scalars(select(Book).order_by(Book.id))]


@app.get("/shelves")
def shelves(db: Session = Depends(get_db)):
    return [shelf.to_dict() for shelf in db.scalars(select(Shelf).order_by(Shelf.id))]


@app.get("/mapped")
def mapped(db: Session = Depends(get_db)):
    book = db.scalars(select(Book).where(Book.id == 2)).one()
    return {a.key: str(getattr(book, a.key)) for a in inspect(book).mapper.column_attrs}


@app.get("/asked")
def asked(db: Session = Depends(get_db)):
    book = db.scalars(select(Book).where(Book.id == 2)).one()
    return [hasattr(book, name) for name in ("text", "shelf", "title")] + [hasattr(book, "text")]  # stays: unknown-origin


@app.get("/by-getter")
def by_getter(db: Session = Depends(get_db)):
    books = db.scalars(select(Book).order_by(Book.id)).all()
    return [book.title for book in sorted(books, key=operator.attrgetter("shelf.name", "title"))]  # stays: unknown-origin


@app.get("/matched")
def matched(db: Session = Depends(get_db)):
    match db.get(Book, 1):
        case Book(title=title, shelf=Shelf(name=name)):
            return [title, name]
    return []


@app.get("/upwards")
def upwards(db: Session = Depends(get_db)):
    shelf = db.scalars(select(Shelf).where(Shelf.name == "low")).one()
    if (inside := shelf.inside) and inside.shelves:
        return [each.name for each in inside.shelves]
    return []


def changed(book: Book):
    return {c.name: str(getattr(book, c.name))[:4] for c in Book.__table__.columns if c.name != "text"}


@app.post("/rename")
def rename(db: Session = Depends(get_db)):
    book = db.scalars(select(Book).where(Book.id == 1)).one()
    book.title = "renamed"
    db.commit()
    return changed(book)


@app.post("/rename-flushed")
def rename_flushed(db: Session = Depends(get_db)):
    book = db.scalars(select(Book).where(Book.id == 1)).one()
    book.title = "flushed"
    db.flush()
    return book.to_dict()


@app.post("/lend")
def lend(db: Session = Depends(get_db)):
    book = db.scalars(select(Book).where(Book.id == 1)).one()
    book.lent = Book.lent + 1
    db.flush()
    return book.lent


@app.post("/lend-shown", response_model=BookOut)
def lend_shown(db: Session = Depends(get_db)):
    book = db.scalars(select(Book).where(Book.id == 2)).one()
    book.lent = func.coalesce(Book.lent, 0) + 1
    db.flush()
    return book


@app.post("/lend-counted")
def lend_counted(db: Session = Depends(get_db)):
    book = Book(title="new", shelf_id=2, lent=select(func.count(Book.id)).scalar_subquery())
    db.add(book)
    db.flush()
    return book.lent


@app.post("/lend-asked")
def lend_asked(db: Session = Depends(get_db)):
    book = db.scalars(select(Book).where(Book.id == 3)).one()
    setattr(book, "lent", Book.lent + 1)  # noqa: B010 - as it is found
    return [db.scalar(select(func.sum(Book.lent))), book.lent]  # stays: server-value


@app.post("/read")
def read(db: Session = Depends(get_db)):
    book = db.scalars(select(Book).where(Book.id == 3)).one()
    book.read = Book.read + 1
    db.commit()
    return book.read
