"""Objects that are made where they are given to what returns them: a commit gives them back as the columns hold them."""

from database import get_db
from fastapi import Depends, FastAPI
from prices import Thing
from sqlalchemy.orm import Session

app = FastAPI()


class Things:
    def __init__(self, db: Session):
        self.db = db

    def add(self, thing: Thing) -> Thing:
        self.db.add(thing)
        self.db.flush()
        return thing


def put(db: Session, thing: Thing):
    db.add(thing)
    return thing


@app.post("/added")
def added(db: Session = Depends(get_db)):
    thing = Things(db).add(Thing(name="added"))
    db.commit()
    return [thing.name, str(thing.price)]


@app.post("/put")
def was_put(db: Session = Depends(get_db)):
    thing = put(db, Thing(name="put", price="2.345"))
    db.commit()
    return [thing.id, str(thing.price)]
