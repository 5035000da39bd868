from functools import partial

from database import get_db
from fastapi import Depends, FastAPI
from library import Book, Shelf
from sqlalchemy import select
from sqlalchemy.orm import Session
from views import ShelfView, Visitor, by_shelf, by_title, described, titled

app = FastAPI()


class Refused(Exception):
    pass


@app.get("/joined")
def joined(db: Session = Depends(get_db)):
    return ", ".join(map(str, db.scalars(select(Shelf).order_by(Shelf.id)).all()))


@app.get("/titles")
def titles(db: Session = Depends(get_db)):
    return ", ".join(map(str, db.scalars(select(Book).order_by(Book.id)).all()))


@app.get("/least")
def least(db: Session = Depends(get_db)):
    return min(db.scalars(select(Shelf).order_by(Shelf.id)).all()).name


@app.get("/first")
def first(db: Session = Depends(get_db)):
    return min(db.scalars(select(Book).order_by(Book.id)).all()).title


@app.get("/filled")
def filled(db: Session = Depends(get_db)):
    shelves = db.scalars(select(Shelf).order_by(Shelf.id)).all()
    return any(shelves)


@app.get("/refused/{id}")
def refused(id: int, db: Session = Depends(get_db)):
    try:
        raise Refused(db.scalars(select(Shelf).filter_by(id=id)).one())
    except Refused as error:
        return str(error)


@app.get("/wrapped/{id}")
def wrapped(id: int, db: Session = Depends(get_db)):
    view = ShelfView(db.scalars(select(Shelf).filter_by(id=id)).one())
    return [view.heading(), view.name, len(view.books)]


@app.get("/visited/{id}")
def visited(id: int, db: Session = Depends(get_db)):
    return Visitor().visit(db.scalars(select(Shelf).filter_by(id=id)).one())


@app.get("/by-shelf")
def sorted_by_shelf(db: Session = Depends(get_db)):
    return [book.title for book in sorted(db.scalars(select(Book).order_by(Book.id)).all(), key=by_shelf)]  # stays: unknown-origin


@app.get("/by-title")
def sorted_by_title(db: Session = Depends(get_db)):
    return [book.title for book in sorted(db.scalars(select(Book).order_by(Book.id)).all(), key=by_title)]


@app.get("/described/{id}")
def described_later(id: int, db: Session = Depends(get_db)):
    show = partial(described, db.scalars(select(Shelf).filter_by(id=id)).one())
    return show(end=" ")


@app.get("/titled/{id}")
def titled_later(id: int, db: Session = Depends(get_db)):
    show = partial(titled, db.scalars(select(Book).filter_by(id=id)).one())
    return show(end="!")


@app.get("/shown/{id}")
def shown_later(id: int, db: Session = Depends(get_db)):  # stays: deferred-outside-call
    shelf = db.scalars(select(Shelf).filter_by(id=id)).one()
    show = partial(lambda shelf, end: end.join(book.title for book in shelf.books), shelf)
    return show(end=" ")
