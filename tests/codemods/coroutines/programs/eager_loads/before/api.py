from typing import List, Optional

from database import get_db
from fastapi import Depends, FastAPI
from library import Author, Book, Loan, Shelf
from pydantic import BaseModel, ConfigDict, model_validator
from queries import Authors, author_again, author_of, by_number, label, of_shelf, with_author
from sqlalchemy import select, union_all
from sqlalchemy.orm import Session, aliased, class_mapper, raiseload, selectinload

app = FastAPI()


class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class LoanOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    reader: str


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str
    author: Optional[AuthorOut]
    loans: List[LoanOut] = []


class ShelfOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    authors: List[str]


class Seen(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    author: Optional[AuthorOut]

    @model_validator(mode="before")
    @classmethod
    def look(cls, value):  # its object could be read in any way
        return value


@app.get("/shelves/{number}", response_model=ShelfOut)
def shelf(number: int, db: Session = Depends(get_db)):
    return db.scalars(select(Shelf).where(Shelf.id == number)).one()


@app.get("/last", response_model=Optional[BookOut])
def last(db: Session = Depends(get_db)):
    return db.scalars(
        select(Book)
        .where(Book.pages > 0)
        .order_by(Book.id.desc())
        .limit(1)
    ).first()


@app.get("/mapped/{number}", response_model=BookOut)
def mapped(number: int, db: Session = Depends(get_db)):
    return db.scalars(select(class_mapper(Book)).where(Book.id == number)).one()


@app.get("/books/{number}", response_model=BookOut)
def book(number: int, db: Session = Depends(get_db)):
    return by_number(db, number)


@app.get("/books", response_model=List[BookOut])
def books(db: Session = Depends(get_db)):
    return db.scalars(with_author()).all()


@app.get("/some", response_model=List[BookOut])
def some(db: Session = Depends(get_db)):
    found = []
    for each in db.scalars(of_shelf("z")):
        if each.pages:
            found.append(each)
    return found


@app.get("/named/{name}")
def named(name: str, db: Session = Depends(get_db)):
    statement = select(Shelf, Book).join(Book, Book.shelf_id == Shelf.id).where(Shelf.name == name).order_by(Book.id)
    return [[shelf.authors, book.author.name] for shelf, book in db.execute(statement)]


@app.get("/chain")
def chain(db: Session = Depends(get_db)):
    shelves = db.scalars(select(Shelf).order_by(Shelf.id)).all()
    return {s.name: [[b.title, [n.reader for n in b.loans]] for b in s.books] for s in shelves}


@app.get("/authors/{number}/first")
def first(number: int, db: Session = Depends(get_db)):
    author = Authors(db).get(number)
    return author.books[0].title


@app.get("/pairs")
def pairs(db: Session = Depends(get_db)):
    return [label(each) for each in db.scalars(of_shelf(""))]


@app.get("/loans/{number}")
def loan(number: int, db: Session = Depends(get_db)):
    found = db.scalar(select(Loan).where(Loan.id == number))
    if found is None:
        return None
    return [found.book.title, found.book.shelf.name, found.book.author.name]  # stays: shown-as-loaded


@app.get("/drawn/{number}", response_model=BookOut)
def drawn(number: int, db: Session = Depends(get_db)):
    found = db.execute(select(Book).where(Book.id == number)).scalar_one()
    return found if found.title else None


@app.get("/either/{number}")
def either(number: int, db: Session = Depends(get_db)):
    found = by_number(db, number) or db.scalars(select(Book).order_by(Book.id)).first()
    return found.shelf.name


@app.get("/sorted")
def ordered(db: Session = Depends(get_db)):
    found = db.scalars(select(Book).where(Book.author_id.is_not(None)).with_for_update()).all()
    return [b.title for b in sorted(found, key=lambda b: (b.author.name, b.id))]


@app.get("/unioned")
def unioned(db: Session = Depends(get_db)):
    both = union_all(select(Book).where(Book.id == 1), select(Book).where(Book.id == 2)).order_by("id")
    found = db.scalars(select(Book).from_statement(both)).all()
    return [b.shelf.name for b in found]  # stays: statement-form


@app.get("/kept/{number}")
def kept(number: int, db: Session = Depends(get_db)):
    found = db.scalars(select(Book).where(Book.id == number).options(raiseload(Book.loans))).one()
    return found.shelf.name  # stays: statement-form


@app.get("/asked")
def asked(db: Session = Depends(get_db)):
    author = db.scalars(select(Author).order_by(Author.id)).first()
    others = author.others  # stays: property-loads
    return [others, len(author.loans.all())]  # stays: not-loadable


@app.get("/shown/{number}")
def shown(number: int, db: Session = Depends(get_db)):
    found = db.scalars(select(Loan).where(Loan.id == number)).one()
    return found


@app.get("/odd/{number}", response_model=Seen)
def odd(number: int, db: Session = Depends(get_db)):
    return db.scalars(select(Book).where(Book.id == number)).one()  # stays: model-reads


@app.get("/given")
def given(db: Session = Depends(get_db)):
    other = aliased(Book)
    found = {b.id: b for b in db.scalars(select(other).order_by(other.id))}
    return found[1].shelf.name  # stays: unknown-origin


@app.get("/brought/{number}")
def brought(number: int, db: Session = Depends(get_db)):
    db.scalars(select(Loan).options(selectinload(Loan.book))).all()
    return db.get(Book, number).shelf.name  # stays: held-before


@app.get("/beside/{number}")
def beside(number: int, db: Session = Depends(get_db)):
    db.scalars(select(Shelf).options(raiseload("*"))).all()
    return db.get(Book, number).author.name


@app.get("/twice/{number}")
def twice(number: int, db: Session = Depends(get_db)):
    db.scalars(select(Book)).all()
    return db.get(Book, number).shelf.name  # stays: held-before


@app.get("/limited")
def limited(db: Session = Depends(get_db)):
    return [b.shelf.name for b in db.scalars(select(Book).order_by(Book.id).limit(2).offset(1))]


@app.get("/by-name")
def by_name(db: Session = Depends(get_db)):
    return [b.shelf.name for b in db.scalars(select(Book).order_by(Book.title))]


@app.get("/none/{number}")
def none(number: int, db: Session = Depends(get_db)):
    found = by_number(db, number)
    return found.shelf.name if found else None


@app.post("/books/{number}/retitle")
def retitle(number: int, title: str, db: Session = Depends(get_db)):
    found = db.scalars(select(Book).where(Book.id == number)).one()
    found.title = title
    db.commit()
    return [found.author.name, found.title]


@app.post("/books/{number}/move")
def move(number: int, shelf: int, db: Session = Depends(get_db)):
    found = db.scalars(select(Book).where(Book.id == number)).one()
    found.shelf_id = shelf
    db.commit()
    return found.shelf.name


@app.post("/books/{number}/drop")
def drop(number: int, db: Session = Depends(get_db)):
    author = db.scalars(select(Author).order_by(Author.id)).first()
    for found in db.scalars(select(Loan).where(Loan.book_id == number)):
        db.delete(found)
    db.commit()
    return len(author.books)


@app.post("/books")
def create(db: Session = Depends(get_db)):
    made = Book(id=9, title="made", shelf_id=1)
    db.add(made)
    db.commit()
    return [made.shelf.name, len(made.loans)]


@app.get("/authors/{number}/books")
def written(number: int, db: Session = Depends(get_db)):
    author = author_of(db, number)
    return [b.title for b in author.books]


@app.post("/authors/{number}/books")
def write(number: int, db: Session = Depends(get_db)):
    author = author_of(db, number)
    db.add(Book(id=10, title="written", shelf_id=1, author_id=number))
    db.commit()
    return [b.title for b in author.books]


@app.get("/authors/{number}/more")
def shown_more(number: int, db: Session = Depends(get_db)):
    return len(author_again(db, number).books)  # stays: read-after-write


@app.post("/authors/{number}/more")
def more(number: int, db: Session = Depends(get_db)):
    author = author_again(db, number)
    db.add(Book(id=12, title="more", shelf_id=1, author_id=number))
    db.flush()
    found = [b.title for b in author.books]  # stays: written-between
    db.commit()
    return found


def current(number: int, db: Session = Depends(get_db)):
    return db.scalars(select(Author).where(Author.id == number)).one()


@app.get("/current/{number}")
def mine(author: Author = Depends(current)):
    return [b.title for b in author.books]


@app.post("/current/{number}/lend")
def lend(number: int, author: Author = Depends(current), db: Session = Depends(get_db)):
    db.add(Loan(id=7, reader="eve", book_id=1))
    db.add(author)
    db.commit()
    db.refresh(author)
    return [b.title for b in author.books]


def get_authors(db: Session = Depends(get_db)) -> Authors:
    return Authors(db)


def chosen(number: int, authors: Authors = Depends(get_authors)) -> Author:
    return authors.get(number)


@app.get("/chosen/{number}")
def choose(author: Author = Depends(chosen)):
    return [b.title for b in author.books]


@app.get("/titles/{number}")
def titles(number: int, db: Session = Depends(get_db)):
    return db.scalars(select(Author).where(Author.id == number)).one().titles


def first_shelf(db: Session = Depends(get_db)):
    return db.scalars(select(Shelf).order_by(Shelf.id)).first()


def tidied(db: Session = Depends(get_db)):
    db.add(Book(id=11, title="tidied", shelf_id=1))
    db.commit()
    return True


@app.post("/shelves/tidy")
def tidy(found: Shelf = Depends(first_shelf), done: bool = Depends(tidied)):
    return [done, [b.title for b in found.books]]  # stays: written-between
