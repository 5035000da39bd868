from typing import List, Optional

from session import SessionDep, get_session
from alchemove import session_depends
from fastapi import Depends, FastAPI
from library import Author, Book, Loan, Shelf
from pydantic import BaseModel, ConfigDict, model_validator
from queries import Authors, author_again, author_of, by_number, label, of_shelf, with_author
from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, class_mapper, joinedload, raiseload, selectinload

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
async def shelf(number: int, db: SessionDep):
    return (await db.scalars(select(Shelf).where(Shelf.id == number).options(selectinload(Shelf.books).selectinload(Book.author)))).one()


@app.get("/last", response_model=Optional[BookOut])
async def last(db: SessionDep):
    return (await db.scalars(
        select(Book)
        .where(Book.pages > 0)
        .order_by(Book.id.desc())
        .limit(1)
        .options(selectinload(Book.author), selectinload(Book.loans))
    )).first()


@app.get("/mapped/{number}", response_model=BookOut)
async def mapped(number: int, db: SessionDep):
    return (await db.scalars(select(class_mapper(Book)).where(Book.id == number).options(joinedload(Book.author), selectinload(Book.loans)))).one()


@app.get("/books/{number}", response_model=BookOut)
async def book(number: int, db: SessionDep):
    return await by_number(db, number, options=[joinedload(Book.author), selectinload(Book.loans)])


@app.get("/books", response_model=List[BookOut])
async def books(db: SessionDep):
    return (await db.scalars(with_author().options(selectinload(Book.loans)))).all()


@app.get("/some", response_model=List[BookOut])
async def some(db: SessionDep):
    found = []
    for each in await db.scalars(of_shelf("z").options(joinedload(Book.author), selectinload(Book.loans))):
        if each.pages:
            found.append(each)
    return found


@app.get("/named/{name}")
async def named(name: str, db: SessionDep):
    statement = select(Shelf, Book).join(Book, Book.shelf_id == Shelf.id).where(Shelf.name == name).order_by(Book.id).options(selectinload(Shelf.books).selectinload(Book.author), selectinload(Book.author))
    return [[shelf.authors, book.author.name] for shelf, book in await db.execute(statement)]


@app.get("/chain")
async def chain(db: SessionDep):
    shelves = (await db.scalars(select(Shelf).order_by(Shelf.id).options(selectinload(Shelf.books).selectinload(Book.loans)))).all()
    return {s.name: [[b.title, [n.reader for n in b.loans]] for b in s.books] for s in shelves}


@app.get("/authors/{number}/first")
async def first(number: int, db: SessionDep):
    author = await db.run_sync(lambda db: Authors(db).get(number))
    return author.books[0].title


@app.get("/pairs")
async def pairs(db: SessionDep):
    return [label(each) for each in await db.scalars(of_shelf("").options(joinedload(Book.author)))]


@app.get("/loans/{number}")
async def loan(number: int, db: SessionDep):
    found = await db.scalar(select(Loan).where(Loan.id == number))
    if found is None:
        return None
    return [(await db.run_sync(lambda _: found.book)).title, (await db.run_sync(lambda _: found.book.shelf)).name, (await db.run_sync(lambda _: found.book.author)).name]  # stays: shown-as-loaded


@app.get("/drawn/{number}", response_model=BookOut)
async def drawn(number: int, db: SessionDep):
    found = (await db.execute(select(Book).where(Book.id == number).options(joinedload(Book.author), selectinload(Book.loans)))).scalar_one()
    return found if found.title else None


@app.get("/either/{number}")
async def either(number: int, db: SessionDep):
    found = await by_number(db, number) or (await db.scalars(select(Book).order_by(Book.id).options(joinedload(Book.shelf)))).first()
    return found.shelf.name


@app.get("/sorted")
async def ordered(db: SessionDep):
    found = (await db.scalars(select(Book).where(Book.author_id.is_not(None)).with_for_update().options(selectinload(Book.author)))).all()
    return [b.title for b in sorted(found, key=lambda b: (b.author.name, b.id))]


@app.get("/unioned")
async def unioned(db: SessionDep):
    both = union_all(select(Book).where(Book.id == 1), select(Book).where(Book.id == 2)).order_by("id")
    found = (await db.scalars(select(Book).from_statement(both))).all()
    return [(await db.run_sync(lambda _: b.shelf)).name for b in found]  # stays: statement-form


@app.get("/kept/{number}")
async def kept(number: int, db: SessionDep):
    found = (await db.scalars(select(Book).where(Book.id == number).options(raiseload(Book.loans)))).one()
    return (await db.run_sync(lambda _: found.shelf)).name  # stays: statement-form


@app.get("/asked")
async def asked(db: SessionDep):
    author = (await db.scalars(select(Author).order_by(Author.id))).first()
    others = await db.run_sync(lambda _: author.others)  # stays: property-loads
    return [others, len(await db.run_sync(lambda _: author.loans.all()))]  # stays: not-loadable


@app.get("/shown/{number}")
async def shown(number: int, db: SessionDep):
    found = (await db.scalars(select(Loan).where(Loan.id == number))).one()
    return found


@app.get("/odd/{number}", response_model=Seen)
async def odd(number: int, db: SessionDep):
    return await db.run_sync(lambda _, value: Seen.model_validate(value), (await db.scalars(select(Book).where(Book.id == number))).one())  # stays: model-reads


@app.get("/given")
async def given(db: SessionDep):
    other = aliased(Book)
    found = {b.id: b for b in await db.scalars(select(other).order_by(other.id))}
    return (await db.run_sync(lambda _: found[1].shelf)).name  # stays: unknown-origin


@app.get("/brought/{number}")
async def brought(number: int, db: SessionDep):
    (await db.scalars(select(Loan).options(selectinload(Loan.book)))).all()
    return (await db.run_sync(lambda db: db.get(Book, number).shelf)).name  # stays: held-before


@app.get("/beside/{number}")
async def beside(number: int, db: SessionDep):
    (await db.scalars(select(Shelf).options(raiseload("*")))).all()
    return (await db.get(Book, number, options=[joinedload(Book.author)])).author.name


@app.get("/twice/{number}")
async def twice(number: int, db: SessionDep):
    (await db.scalars(select(Book))).all()
    return (await db.run_sync(lambda db: db.get(Book, number).shelf)).name  # stays: held-before


@app.get("/limited")
async def limited(db: SessionDep):
    return [b.shelf.name for b in await db.scalars(select(Book).order_by(Book.id).limit(2).offset(1).options(selectinload(Book.shelf)))]


@app.get("/by-name")
async def by_name(db: SessionDep):
    return [b.shelf.name for b in await db.scalars(select(Book).order_by(Book.title).options(selectinload(Book.shelf)))]


@app.get("/none/{number}")
async def none(number: int, db: SessionDep):
    found = await by_number(db, number)
    return found.shelf.name if found else None


@app.post("/books/{number}/retitle")
async def retitle(number: int, title: str, db: SessionDep):
    found = (await db.scalars(select(Book).where(Book.id == number).options(joinedload(Book.author)))).one()
    found.title = title
    await db.commit()
    return [found.author.name, found.title]


@app.post("/books/{number}/move")
async def move(number: int, shelf: int, db: SessionDep):
    found = (await db.scalars(select(Book).where(Book.id == number))).one()
    found.shelf_id = shelf
    await db.commit()
    await db.refresh(found, attribute_names=["shelf"])
    return found.shelf.name


@app.post("/books/{number}/drop")
async def drop(number: int, db: SessionDep):
    author = (await db.scalars(select(Author).order_by(Author.id))).first()
    for found in await db.scalars(select(Loan).where(Loan.book_id == number)):
        await db.delete(found)
    await db.commit()
    await db.refresh(author, attribute_names=["books"])
    return len(author.books)


@app.post("/books")
async def create(db: SessionDep):
    made = Book(id=9, title="made", shelf_id=1)
    db.add(made)
    await db.commit()
    await db.refresh(made, attribute_names=["loans", "shelf"])
    return [made.shelf.name, len(made.loans)]


@app.get("/authors/{number}/books")
async def written(number: int, db: SessionDep):
    author = await author_of(db, number)
    return [b.title for b in author.books]


@app.post("/authors/{number}/books")
async def write(number: int, db: SessionDep):
    author = await author_of(db, number)
    db.add(Book(id=10, title="written", shelf_id=1, author_id=number))
    await db.commit()
    await db.refresh(author, attribute_names=["books"])
    return [b.title for b in author.books]


@app.get("/authors/{number}/more")
async def shown_more(number: int, db: SessionDep):
    return len(await db.run_sync(lambda db: author_again(db, number).books))  # stays: read-after-write


@app.post("/authors/{number}/more")
async def more(number: int, db: SessionDep):
    author = await db.run_sync(author_again, number)
    db.add(Book(id=12, title="more", shelf_id=1, author_id=number))
    await db.flush()
    found = [b.title for b in await db.run_sync(lambda _: author.books)]  # stays: written-between
    await db.commit()
    return found


async def current(number: int, db: SessionDep):
    return (await db.scalars(select(Author).where(Author.id == number).options(selectinload(Author.books)))).one()


@app.get("/current/{number}")
def mine(author: Author = Depends(current)):
    return [b.title for b in author.books]


@app.post("/current/{number}/lend")
async def lend(number: int, author: Author = Depends(current), db: AsyncSession = session_depends(get_session)):
    db.add(Loan(id=7, reader="eve", book_id=1))
    db.add(author)
    await db.commit()
    await db.refresh(author)
    return [b.title for b in author.books]


def get_authors(db: SessionDep) -> Authors:
    return Authors(db.sync_session)


async def chosen(session: SessionDep, number: int, authors: Authors = Depends(get_authors)) -> Author:
    return await session.run_sync(lambda _: authors.get(number))


@app.get("/chosen/{number}")
def choose(author: Author = Depends(chosen)):
    return [b.title for b in author.books]


@app.get("/titles/{number}")
async def titles(number: int, db: SessionDep):
    return (await db.scalars(select(Author).where(Author.id == number).options(selectinload(Author.books)))).one().titles


async def first_shelf(db: SessionDep):
    return (await db.scalars(select(Shelf).order_by(Shelf.id))).first()


async def tidied(db: SessionDep):
    db.add(Book(id=11, title="tidied", shelf_id=1))
    await db.commit()
    return True


@app.post("/shelves/tidy")
async def tidy(session: SessionDep, found: Shelf = Depends(first_shelf), done: bool = Depends(tidied)):
    return [done, [b.title for b in await session.run_sync(lambda _: found.books)]]  # stays: written-between
