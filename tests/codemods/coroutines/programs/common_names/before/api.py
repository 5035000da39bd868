from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

import imports
from database import get_db
from notes import Notes, Tags

app = FastAPI()


def get_notes(db: Session = Depends(get_db)) -> Notes:
    return Notes(db)


def get_tags(db: Session = Depends(get_db)) -> Tags:
    return Tags(db)


@app.get("/users/{ident}")
def read(ident: int, notes: Notes = Depends(get_notes)):
    return notes.get(ident)


@app.put("/users/{ident}")
def rename(ident: int, name: str, notes: Notes = Depends(get_notes)):
    return {"open": notes.open(ident), "changed": notes.update(ident, name)}


@app.get("/posts")
def posts(tags: Tags = Depends(get_tags)):
    return {"found": tags.pop("one"), "all": tags.count()}


@app.post("/import")
def load(rows: list[dict]):
    return imports.names(rows)
