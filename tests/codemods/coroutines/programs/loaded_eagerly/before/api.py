"""Relationships that statements load with an object, read on objects that none has loaded."""

from database import get_db
from fastapi import Depends, FastAPI
from library import Book, Page, Shelf
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

app = FastAPI()


class PageOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    text: str


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    title: str
    pages: list[PageOut]


def create(db: Session, title: str) -> Book:
    book = Book(title=title)
    db.add(book)
    db.flush()
    return book


def length(book: Book) -> int:
    return len(book.pages)


@app.post("/filled")
def filled(db: Session = Depends(get_db)):
    book = Book(title="filled")
    db.add(book)
    db.flush()
    book.pages.append(Page(text="one"))  # stays: new-object
    db.commit()
    return "filled"


@app.post("/counted")
def counted(db: Session = Depends(get_db)):
    book = Book(title="counted")
    db.add(book)
    db.flush()
    pages = len(book.pages)
    db.commit()
    return pages


@app.post("/placed")
def placed(db: Session = Depends(get_db)):
    shelf = db.scalars(select(Shelf)).one()
    book = Book(title="placed", shelf_id=shelf.id)
    db.add(book)
    db.flush()
    return book.shelf.name


@app.post("/made")
def made(db: Session = Depends(get_db)):
    book = create(db, "made")
    return len(book.pages)


@app.post("/passed")
def passed(db: Session = Depends(get_db)):
    return length(create(db, "passed"))


@app.post("/flushed", response_model=BookOut)
def flushed(db: Session = Depends(get_db)):
    book = Book(title="flushed")
    db.add(book)
    db.flush()
    return book


@app.post("/committed", response_model=BookOut)
def committed(db: Session = Depends(get_db)):
    book = Book(title="committed")
    db.add(book)
    db.commit()
    return book


@app.post("/refreshed", response_model=BookOut)
def refreshed(db: Session = Depends(get_db)):
    book = Book(title="refreshed")
    db.add(book)
    db.commit()
    db.refresh(book)
    return book


@app.post("/listed", response_model=list[BookOut])
def listed(db: Session = Depends(get_db)):
    return [create(db, "one"), create(db, "two")]


@app.post("/checked")
def checked(db: Session = Depends(get_db)):
    book = create(db, "checked")
    return BookOut.model_validate(book)


@app.get("/loaded")
def loaded(db: Session = Depends(get_db)):
    return [(book.shelf.name if book.shelf else None, len(book.pages)) for book in db.scalars(select(Book))]


@app.get("/passed")
def passed_on(db: Session = Depends(get_db)):
    return length(db.scalars(select(Book).order_by(Book.id)).first())


@app.get("/shown", response_model=list[BookOut])
def shown(db: Session = Depends(get_db)):
    return db.scalars(select(Book).order_by(Book.id)).all()
