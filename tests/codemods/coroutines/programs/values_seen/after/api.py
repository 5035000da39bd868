from session import SessionDep
from fastapi import FastAPI, HTTPException
from library import Book, Room, Shelf
from sqlalchemy.orm import Session

app = FastAPI()


@app.put("/top/{id}")
async def top(id: int, title: str, db: SessionDep):
    def in_session(db: Session):
        shelf = db.get(Shelf, id)
        shelf.top = title
        db.commit()
        return {"top": title}

    return await db.run_sync(in_session)


@app.put("/label/{id}")
async def label(id: int, value: str, db: SessionDep):
    shelf = await db.get(Shelf, id)
    shelf.label = value
    await db.flush()
    return {"label": value}


@app.put("/pages/{id}")
async def pages(id: int, pages: int, db: SessionDep):
    def in_session(db: Session):
        book = db.get(Book, id)
        try:
            book.pages = pages
        except ValueError as error:
            raise HTTPException(409, str(error)) from error
        db.commit()
        return {"pages": pages}

    return await db.run_sync(in_session)


@app.put("/title/{id}")
async def title(id: int, title: str, db: SessionDep):
    book = await db.get(Book, id)
    book.title = title
    await db.flush()
    return {"id": id}


@app.patch("/books/{id}")
async def change(id: int, values: dict, db: SessionDep):
    def in_session(db: Session):
        book = db.get(Book, id)
        for name, value in values.items():
            setattr(book, name, value)
        db.commit()
        return {"id": id}

    return await db.run_sync(in_session)


@app.post("/books/{shelf_id}")
async def add(shelf_id: int, pages: int, db: SessionDep):
    def in_session(db: Session):
        shelf = db.get(Shelf, shelf_id)
        with db.no_autoflush:
            book = Book(title="new ", shelf=shelf, pages=pages)
        db.add(book)
        db.commit()
        return {"pages": pages}

    return await db.run_sync(in_session)


@app.post("/loose")
async def loose(title: str, db: SessionDep):
    db.add(Book(title=title, pages=1000))
    await db.flush()
    return {"title": title}


@app.post("/shelves/{room_id}")
async def place(room_id: int, name: str, db: SessionDep):
    def in_session(db: Session):
        room = db.get(Room, room_id)
        room.shelves.append(Shelf(name=name))
        db.commit()
        return {"name": name}

    return await db.run_sync(in_session)
