from typing import List

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session, defer, load_only, selectinload, undefer, undefer_group

from session import SessionDep
from pages import Book, Page

app = FastAPI()


class PageOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    text: str


class Head(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    head: str


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    number: int


@app.get("/texts")
async def texts(db: SessionDep):
    return [page.text for page in await db.scalars(select(Page).order_by(Page.id).options(undefer(Page.text)))]


@app.get("/models", response_model=List[PageOut])
async def models(db: SessionDep):
    return (await db.scalars(select(Page).order_by(Page.id).options(undefer(Page.text)))).all()


@app.get("/heads", response_model=List[Head])
async def heads(db: SessionDep):
    return (await db.scalars(select(Page).order_by(Page.id).options(undefer(Page.text)))).all()


@app.get("/short")
async def short(db: SessionDep):
    pages = (await db.scalars(select(Page).options(load_only(Page.name)).order_by(Page.id).options(undefer(Page.place)))).all()
    return [[page.id, page.name, page.place] for page in pages]


@app.get("/without")
async def without(db: SessionDep):
    pages = (await db.scalars(select(Page).options(defer(Page.place)).order_by(Page.id))).all()
    return [await db.run_sync(lambda _: page.place) for page in pages]  # stays: not-loadable


@app.get("/given")
async def given(db: SessionDep):
    return [page.text for page in await db.scalars(select(Page).options(undefer(Page.text)).order_by(Page.id))]


@app.get("/groups")
async def groups(db: SessionDep):
    return [page.note for page in await db.scalars(select(Page).options(undefer_group("notes")).order_by(Page.id))]


@app.get("/below")
async def below(db: SessionDep):
    return [page.text for book in await db.scalars(select(Book).options(selectinload(Book.pages).undefer(Page.text))) for page in book.pages]


@app.get("/by-key/{key}")
async def by_key(key: int, db: SessionDep):
    page = await db.get(Page, key, options=[undefer(Page.text)])
    return [page.head, page.length]


@app.post("/changed")
async def changed(db: SessionDep):
    page = await db.get(Page, 1)
    page.name = "changed"
    page.text = "other"
    await db.commit()
    await db.refresh(page, attribute_names=["length", "title"])
    return [page.title, page.length]


@app.post("/made")
async def made(db: SessionDep):
    page = Page(name="made")
    db.add(page)
    await db.flush()
    await db.refresh(page, attribute_names=["length", "text", "title"])
    found = [page.title, page.length, page.text]
    await db.commit()
    return found


@app.post("/counted")
async def counted(db: SessionDep):
    def in_session(db: Session):
        book = db.get(Book, 1)
        before = book.number
        db.add(Page(name="counted", book_id=book.id))
        db.commit()
        return [before, book.number]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.post("/added", response_model=BookOut)
async def added(db: SessionDep):
    book = await db.get(Book, 1)
    db.add(Page(name="added", book_id=book.id))
    await db.commit()
    await db.refresh(book)
    return book


@app.post("/named", response_model=BookOut)
async def named(db: SessionDep):
    book = await db.get(Book, 1)
    book.name = "named"
    await db.commit()
    await db.refresh(book, attribute_names=["number"])
    return book


@app.post("/refreshed")
async def refreshed(db: SessionDep):
    page = Page(name="refreshed")
    db.add(page)
    await db.commit()
    await db.refresh(page)
    await db.refresh(page, attribute_names=["text"])
    return [page.name, page.text]
