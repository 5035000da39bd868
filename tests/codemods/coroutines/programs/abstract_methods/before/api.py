from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db
from models import Tag
from services import KEPT, Listed, StoredTags, Tags

app = FastAPI()


def tags_of(db: Session = Depends(get_db)) -> Tags:
    return StoredTags(db)


@app.post("/tags")
def create(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.commit()


@app.get("/names")
def names(tags: Tags = Depends(tags_of)):
    return tags.names()


@app.get("/first")
def first(db: Session = Depends(get_db)):
    return [run(Listed(db)) for run in KEPT]
