"""Attributes that are read by a name that is a value, by a pattern, or where SQL was assigned."""

import operator

from session import SessionDep
from alchemove import discard_uncommitted
from fastapi import FastAPI
from library import Book, Shelf
from pydantic import BaseModel
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

app = FastAPI()


class BookOut(BaseModel):
    title: str
    lent: int

    class Config:
        from_attributes = True


@app.get("/related")
async def related(db: SessionDep):
    shelf = (await db.scalars(select(Shelf).where(Shelf.name == "top").options(selectinload(Shelf.books)))).one()
    return [book.title for book in getattr(shelf, "books")]  # noqa: B009 - as it is found


@app.get("/chosen/{field}")
async def chosen(field: str, db: SessionDep):
    book = (await db.scalars(select(Book).where(Book.id == 1))).one()
    return (await db.run_sync(lambda _: getattr(book, field))).name  # stays: unknown-origin


@app.get("/columns")
async def columns(db: SessionDep):
    return [book.to_dict() for book in await db.scalars(select(Book).order_by(Book.id).options(undefer(Book.text)))]


@app.get("/shelves")
async def shelves(db: SessionDep):
    return [shelf.to_dict() for shelf in await db.scalars(select(Shelf).order_by(Shelf.id))]


@app.get("/mapped")
async def mapped(db: SessionDep):
    book = (await db.scalars(select(Book).where(Book.id == 2).options(undefer(Book.text)))).one()
    return {a.key: str(getattr(book, a.key)) for a in inspect(book).mapper.column_attrs}


@app.get("/asked")
async def asked(db: SessionDep):
    book = (await db.scalars(select(Book).where(Book.id == 2).options(undefer(Book.text)))).one()
    return [await db.run_sync(lambda _: hasattr(book, name)) for name in ("text", "shelf", "title")] + [hasattr(book, "text")]  # stays: unknown-origin


@app.get("/by-getter")
async def by_getter(db: SessionDep):
    books = (await db.scalars(select(Book).order_by(Book.id))).all()
    return [book.title for book in await db.run_sync(lambda _: sorted(books, key=operator.attrgetter("shelf.name", "title")))]  # stays: unknown-origin


@app.get("/matched")
async def matched(db: SessionDep):
    def in_session(db: Session):
        match db.get(Book, 1):
            case Book(title=title, shelf=Shelf(name=name)):
                return [title, name]
        return []

    return await db.run_sync(in_session)


@app.get("/upwards")
async def upwards(db: SessionDep):
    shelf = (await db.scalars(select(Shelf).where(Shelf.name == "low").options(joinedload(Shelf.inside).selectinload(Shelf.shelves)))).one()
    if (inside := shelf.inside) and inside.shelves:
        return [each.name for each in inside.shelves]
    return []


def changed(book: Book):
    return {c.name: str(getattr(book, c.name))[:4] for c in Book.__table__.columns if c.name != "text"}


@app.post("/rename")
async def rename(db: SessionDep):
    book = (await db.scalars(select(Book).where(Book.id == 1).options(undefer(Book.text)))).one()
    book.title = "renamed"
    await db.commit()
    await db.refresh(book, attribute_names=["changed_at", "lent"])
    return changed(book)


@app.post("/rename-flushed")
async def rename_flushed(db: SessionDep):
    discard_uncommitted(db)
    book = (await db.scalars(select(Book).where(Book.id == 1).options(undefer(Book.text)))).one()
    book.title = "flushed"
    await db.flush()
    await db.refresh(book, attribute_names=["changed_at", "lent"])
    return book.to_dict()


@app.post("/lend")
async def lend(db: SessionDep):
    discard_uncommitted(db)
    book = (await db.scalars(select(Book).where(Book.id == 1))).one()
    book.lent = Book.lent + 1
    await db.flush()
    await db.refresh(book, attribute_names=["lent"])
    return book.lent


@app.post("/lend-shown", response_model=BookOut)
async def lend_shown(db: SessionDep):
    discard_uncommitted(db)
    book = (await db.scalars(select(Book).where(Book.id == 2))).one()
    book.lent = func.coalesce(Book.lent, 0) + 1
    await db.flush()
    await db.refresh(book, attribute_names=["lent"])
    return book


@app.post("/lend-counted")
async def lend_counted(db: SessionDep):
    discard_uncommitted(db)
    book = Book(title="new", shelf_id=2, lent=select(func.count(Book.id)).scalar_subquery())
    db.add(book)
    await db.flush()
    await db.refresh(book, attribute_names=["lent"])
    return book.lent


@app.post("/lend-asked")
async def lend_asked(db: SessionDep):
    discard_uncommitted(db)
    book = (await db.scalars(select(Book).where(Book.id == 3))).one()
    setattr(book, "lent", Book.lent + 1)  # noqa: B010 - as it is found
    return [await db.scalar(select(func.sum(Book.lent))), await db.run_sync(lambda _: book.lent)]  # stays: server-value


@app.post("/read")
async def read(db: SessionDep):
    book = (await db.scalars(select(Book).where(Book.id == 3))).one()
    book.read = Book.read + 1
    await db.flush()
    await db.refresh(book, attribute_names=["read"])
    return book.read
