from functools import partial

from database import get_db
from fastapi import Depends, FastAPI
from library import Book, Shelf
from sqlalchemy import select
from sqlalchemy.orm import Session
from session import SessionDep
from views import ShelfView, Visitor, by_shelf, by_title, described, titled

app = FastAPI()


class Refused(Exception):
    pass


@app.get("/joined")
async def joined(db: SessionDep):
    return await db.run_sync(lambda db: ", ".join(map(str, db.scalars(select(Shelf).order_by(Shelf.id)).all())))


@app.get("/titles")
async def titles(db: SessionDep):
    return ", ".join(map(str, (await db.scalars(select(Book).order_by(Book.id))).all()))


@app.get("/least")
async def least(db: SessionDep):
    return (await db.run_sync(lambda db: min(db.scalars(select(Shelf).order_by(Shelf.id)).all()))).name


@app.get("/first")
async def first(db: SessionDep):
    return min((await db.scalars(select(Book).order_by(Book.id))).all()).title


@app.get("/filled")
async def filled(db: SessionDep):
    shelves = (await db.scalars(select(Shelf).order_by(Shelf.id))).all()
    return await db.run_sync(lambda _: any(shelves))


@app.get("/refused/{id}")
async def refused(id: int, db: SessionDep):
    try:
        raise Refused((await db.scalars(select(Shelf).filter_by(id=id))).one())
    except Refused as error:
        return await db.run_sync(lambda _: str(error))


@app.get("/wrapped/{id}")
async def wrapped(id: int, db: SessionDep):
    view = ShelfView((await db.scalars(select(Shelf).filter_by(id=id))).one())
    return [view.heading(), await db.run_sync(lambda _: view.name), len(await db.run_sync(lambda _: view.books))]


@app.get("/visited/{id}")
async def visited(id: int, db: SessionDep):
    return await db.run_sync(lambda db: Visitor().visit(db.scalars(select(Shelf).filter_by(id=id)).one()))


@app.get("/by-shelf")
async def sorted_by_shelf(db: SessionDep):
    return [book.title for book in await db.run_sync(lambda db: sorted(db.scalars(select(Book).order_by(Book.id)).all(), key=by_shelf))]  # stays: unknown-origin


@app.get("/by-title")
async def sorted_by_title(db: SessionDep):
    return [book.title for book in sorted((await db.scalars(select(Book).order_by(Book.id))).all(), key=by_title)]


@app.get("/described/{id}")
async def described_later(id: int, db: SessionDep):
    def in_session(db: Session):
        show = partial(described, db.scalars(select(Shelf).filter_by(id=id)).one())
        return show(end=" ")

    return await db.run_sync(in_session)


@app.get("/titled/{id}")
async def titled_later(id: int, db: SessionDep):
    show = partial(titled, (await db.scalars(select(Book).filter_by(id=id))).one())
    return show(end="!")


@app.get("/shown/{id}")
def shown_later(id: int, db: Session = Depends(get_db)):  # stays: deferred-outside-call
    shelf = db.scalars(select(Shelf).filter_by(id=id)).one()
    show = partial(lambda shelf, end: end.join(book.title for book in shelf.books), shelf)
    return show(end=" ")
