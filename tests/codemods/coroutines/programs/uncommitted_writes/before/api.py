from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from access import current_user
from database import get_db
from models import Post, Tag, User
from shelves import Shelf, get_shelf

app = FastAPI()


@app.delete("/tags")
def delete_tag(name: str, db: Session = Depends(get_db)):
    """The usual shape: what is not committed changed no row."""
    result = db.execute(delete(Tag).where(Tag.name == name))
    if result.rowcount == 0:
        return False
    db.commit()
    return True


@app.post("/rename")
def rename(name: str, keep: bool = False, db: Session = Depends(get_db)):
    # The answer shows the new name either way.
    user = db.get(User, 1)
    user.name = name
    db.flush()
    if keep:
        db.commit()
    return {"name": user.name, "logins": user.logins}


@app.post("/object")
def rename_and_answer(name: str, db: Session = Depends(get_db)) -> dict:
    user = db.scalars(select(User).where(User.id == 1)).one()
    user.name = name
    return {"name": user.name}


@app.post("/twice")
def twice(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.commit()
    db.add(Tag(name=name + "!"))
    if not name:
        raise HTTPException(400, "no name")
    return len(db.scalars(select(Tag)).all())



@app.get("/me")
def me(user: Annotated[User, Depends(current_user)]):
    return {"id": user.id, "logins": user.logins}


@app.post("/shelf")
def on_shelf(title: str, shelf: Annotated[Shelf, Depends(get_shelf)]):
    shelf.put(title)
    return shelf.titles()


@app.post("/kept")
def kept(title: str, shelf: Annotated[Shelf, Depends(get_shelf)]):
    shelf.put(title)
    shelf.keep()
    return shelf.titles()


@app.post("/read")
def committed(name: str, db: Session = Depends(get_db)):
    db.execute(update(User).where(User.id == 2).values(name=name))
    db.commit()
    return [user.name for user in db.scalars(select(User).order_by(User.id))]


@app.get("/rows")
def rows(db: Session = Depends(get_db)):
    names = db.scalars(select(Tag.name).order_by(Tag.id)).all()
    users = db.execute(select(User.name, User.logins).order_by(User.id)).all()
    return [names, [list(user) for user in users], db.scalars(select(Post.title).order_by(Post.id)).all()]


@app.post("/put")
def only_put(title: str, shelf: Annotated[Shelf, Depends(get_shelf)]):
    shelf.put(title)
    return title


@app.post("/birthday")
def birthday(user: Annotated[User, Depends(current_user)], db: Session = Depends(get_db)):
    user.logins = 7
    db.commit()
    return 7
