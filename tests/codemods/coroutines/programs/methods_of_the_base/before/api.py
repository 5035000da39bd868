from typing import List, Optional

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from database import get_db
from records import Book, Shelf

app = FastAPI()


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    title: str


class ShelfOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    books: List[BookOut]


class SizeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    size: int


def made(db: Session, name: str):
    shelf = Shelf(name=name)
    shelf.books.append(Book(title=name))  # stays: new-object
    return shelf.save(db)


@app.post("/shelves", response_model=ShelfOut)
def create(db: Session = Depends(get_db)):
    return made(db, "low")  # stays: model-reads


@app.post("/sizes", response_model=SizeOut)
def size(db: Session = Depends(get_db)):
    return made(db, "wide")  # stays: model-reads


@app.post("/books", response_model=BookOut)
def book(db: Session = Depends(get_db)):
    return Book(title="new").save(db)


@app.post("/titles")
def titles(db: Session = Depends(get_db)):
    shelf = Shelf(name="high").save(db)
    return [book.title for book in shelf.books]  # stays: new-object


@app.post("/renamed")
def renamed(db: Session = Depends(get_db)) -> Optional[str]:
    shelf = Shelf.find(db, name="top")
    shelf.name = "first"
    return shelf.save(db).name
