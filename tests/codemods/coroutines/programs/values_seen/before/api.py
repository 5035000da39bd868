from database import get_db
from fastapi import Depends, FastAPI, HTTPException
from library import Book, Room, Shelf
from sqlalchemy.orm import Session

app = FastAPI()


@app.put("/top/{id}")
def top(id: int, title: str, db: Session = Depends(get_db)):
    shelf = db.get(Shelf, id)
    shelf.top = title
    db.commit()
    return {"top": title}


@app.put("/label/{id}")
def label(id: int, value: str, db: Session = Depends(get_db)):
    shelf = db.get(Shelf, id)
    shelf.label = value
    db.commit()
    return {"label": value}


@app.put("/pages/{id}")
def pages(id: int, pages: int, db: Session = Depends(get_db)):
    book = db.get(Book, id)
    try:
        book.pages = pages
    except ValueError as error:
        raise HTTPException(409, str(error)) from error
    db.commit()
    return {"pages": pages}


@app.put("/title/{id}")
def title(id: int, title: str, db: Session = Depends(get_db)):
    book = db.get(Book, id)
    book.title = title
    db.commit()
    return {"id": id}


@app.patch("/books/{id}")
def change(id: int, values: dict, db: Session = Depends(get_db)):
    book = db.get(Book, id)
    for name, value in values.items():
        setattr(book, name, value)
    db.commit()
    return {"id": id}


@app.post("/books/{shelf_id}")
def add(shelf_id: int, pages: int, db: Session = Depends(get_db)):
    shelf = db.get(Shelf, shelf_id)
    with db.no_autoflush:
        book = Book(title="new ", shelf=shelf, pages=pages)
    db.add(book)
    db.commit()
    return {"pages": pages}


@app.post("/loose")
def loose(title: str, db: Session = Depends(get_db)):
    db.add(Book(title=title, pages=1000))
    db.commit()
    return {"title": title}


@app.post("/shelves/{room_id}")
def place(room_id: int, name: str, db: Session = Depends(get_db)):
    room = db.get(Room, room_id)
    room.shelves.append(Shelf(name=name))
    db.commit()
    return {"name": name}
