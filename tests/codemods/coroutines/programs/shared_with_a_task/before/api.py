from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db
from helpers import Archive, Tagger, get_or_create_tag, posts_of

app = FastAPI()


@app.post("/posts/{post_id}/tags")
def tag(post_id: int, name: str, db: Session = Depends(get_db)):
    return {"tags": Tagger(db).tag(post_id, name, name + "s")}


@app.post("/tags")
def create_tag(name: str, db: Session = Depends(get_db)):
    found = get_or_create_tag(db, name)
    db.commit()
    return {"id": found.id, "posts": [post.title for post in posts_of(db, "ada")]}


@app.get("/titles")
def titles(db: Session = Depends(get_db)):
    return Archive(db).titles()
