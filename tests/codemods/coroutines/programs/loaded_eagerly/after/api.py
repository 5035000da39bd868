"""Relationships that statements load with an object, read on objects that none has loaded."""

from session import SessionDep
from alchemove import discard_uncommitted
from fastapi import FastAPI
from library import Book, Page, Shelf
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

app = FastAPI()


class PageOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    text: str


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    title: str
    pages: list[PageOut]


async def create(db: AsyncSession, title: str) -> Book:
    book = Book(title=title)
    db.add(book)
    await db.flush()
    await db.refresh(book, attribute_names=["pages"])
    return book


def length(book: Book) -> int:
    return len(book.pages)


@app.post("/filled")
async def filled(db: SessionDep):
    book = Book(title="filled")
    db.add(book)
    await db.flush()
    (await db.run_sync(lambda _: book.pages)).append(Page(text="one"))  # stays: new-object
    await db.flush()
    return "filled"


@app.post("/counted")
async def counted(db: SessionDep):
    book = Book(title="counted")
    db.add(book)
    await db.flush()
    await db.refresh(book, attribute_names=["pages"])
    pages = len(book.pages)
    await db.commit()
    return pages


@app.post("/placed")
async def placed(db: SessionDep):
    discard_uncommitted(db)
    shelf = (await db.scalars(select(Shelf))).one()
    book = Book(title="placed", shelf_id=shelf.id)
    db.add(book)
    await db.flush()
    await db.refresh(book, attribute_names=["shelf"])
    return book.shelf.name


@app.post("/made")
async def made(db: SessionDep):
    discard_uncommitted(db)
    book = await create(db, "made")
    return len(book.pages)


@app.post("/passed")
async def passed(db: SessionDep):
    discard_uncommitted(db)
    return length(await create(db, "passed"))


@app.post("/flushed", response_model=BookOut)
async def flushed(db: SessionDep):
    discard_uncommitted(db)
    book = Book(title="flushed")
    db.add(book)
    await db.flush()
    await db.refresh(book, attribute_names=["pages"])
    return book


@app.post("/committed", response_model=BookOut)
async def committed(db: SessionDep):
    book = Book(title="committed")
    db.add(book)
    await db.commit()
    await db.refresh(book, attribute_names=["pages"])
    return book


@app.post("/refreshed", response_model=BookOut)
async def refreshed(db: SessionDep):
    book = Book(title="refreshed")
    db.add(book)
    await db.commit()
    await db.refresh(book)
    return book


@app.post("/listed", response_model=list[BookOut])
async def listed(db: SessionDep):
    discard_uncommitted(db)
    return [await create(db, "one"), await create(db, "two")]


@app.post("/checked")
async def checked(db: SessionDep):
    discard_uncommitted(db)
    book = await create(db, "checked")
    return BookOut.model_validate(book)


@app.get("/loaded")
async def loaded(db: SessionDep):
    return [(book.shelf.name if book.shelf else None, len(book.pages)) for book in await db.scalars(select(Book))]


@app.get("/passed")
async def passed_on(db: SessionDep):
    return length((await db.scalars(select(Book).order_by(Book.id))).first())


@app.get("/shown", response_model=list[BookOut])
async def shown(db: SessionDep):
    return (await db.scalars(select(Book).order_by(Book.id))).all()
