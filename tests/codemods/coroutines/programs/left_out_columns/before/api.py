from typing import List

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session, defer, load_only, undefer, undefer_group

from database import get_db
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
def texts(db: Session = Depends(get_db)):
    return [page.text for page in db.scalars(select(Page).order_by(Page.id))]


@app.get("/models", response_model=List[PageOut])
def models(db: Session = Depends(get_db)):
    return db.scalars(select(Page).order_by(Page.id)).all()


@app.get("/heads", response_model=List[Head])
def heads(db: Session = Depends(get_db)):
    return db.scalars(select(Page).order_by(Page.id)).all()


@app.get("/short")
def short(db: Session = Depends(get_db)):
    pages = db.scalars(select(Page).options(load_only(Page.name)).order_by(Page.id)).all()
    return [[page.id, page.name, page.place] for page in pages]


@app.get("/without")
def without(db: Session = Depends(get_db)):
    pages = db.scalars(select(Page).options(defer(Page.place)).order_by(Page.id)).all()
    return [page.place for page in pages]  # stays: not-loadable


@app.get("/given")
def given(db: Session = Depends(get_db)):
    return [page.text for page in db.scalars(select(Page).options(undefer(Page.text)).order_by(Page.id))]


@app.get("/groups")
def groups(db: Session = Depends(get_db)):
    return [page.note for page in db.scalars(select(Page).options(undefer_group("notes")).order_by(Page.id))]


@app.get("/below")
def below(db: Session = Depends(get_db)):
    return [page.text for book in db.scalars(select(Book)) for page in book.pages]


@app.get("/by-key/{key}")
def by_key(key: int, db: Session = Depends(get_db)):
    page = db.get(Page, key)
    return [page.head, page.length]


@app.post("/changed")
def changed(db: Session = Depends(get_db)):
    page = db.get(Page, 1)
    page.name = "changed"
    page.text = "other"
    db.commit()
    return [page.title, page.length]


@app.post("/made")
def made(db: Session = Depends(get_db)):
    page = Page(name="made")
    db.add(page)
    db.flush()
    found = [page.title, page.length, page.text]
    db.commit()
    return found


@app.post("/counted")
def counted(db: Session = Depends(get_db)):
    book = db.get(Book, 1)
    before = book.number
    db.add(Page(name="counted", book_id=book.id))
    db.commit()
    return [before, book.number]


@app.post("/added", response_model=BookOut)
def added(db: Session = Depends(get_db)):
    book = db.get(Book, 1)
    db.add(Page(name="added", book_id=book.id))
    db.commit()
    db.refresh(book)
    return book


@app.post("/named", response_model=BookOut)
def named(db: Session = Depends(get_db)):
    book = db.get(Book, 1)
    book.name = "named"
    db.commit()
    return book


@app.post("/refreshed")
def refreshed(db: Session = Depends(get_db)):
    page = Page(name="refreshed")
    db.add(page)
    db.commit()
    db.refresh(page)
    return [page.name, page.text]
