from typing import List, Optional

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from session import SessionDep
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


async def made(db: AsyncSession, name: str):
    shelf = Shelf(name=name)
    (await db.run_sync(lambda _: shelf.books)).append(Book(title=name))  # stays: new-object
    return await shelf.save(db)


@app.post("/shelves", response_model=ShelfOut)
async def create(db: SessionDep):
    return await db.run_sync(lambda _, value: ShelfOut.model_validate(value), await made(db, "low"))  # stays: model-reads


@app.post("/sizes", response_model=SizeOut)
async def size(db: SessionDep):
    return await db.run_sync(lambda _, value: SizeOut.model_validate(value), await made(db, "wide"))  # stays: model-reads


@app.post("/books", response_model=BookOut)
async def book(db: SessionDep):
    return await Book(title="new").save(db)


@app.post("/titles")
async def titles(db: SessionDep):
    shelf = await Shelf(name="high").save(db)
    return [book.title for book in await db.run_sync(lambda _: shelf.books)]  # stays: new-object


@app.post("/renamed")
async def renamed(db: SessionDep) -> Optional[str]:
    shelf = await Shelf.find(db, name="top")
    shelf.name = "first"
    return (await shelf.save(db)).name
