from typing import List, Optional

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from staff import Person, Team as Squad

app = FastAPI()


class Orm(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int


class Shown(Orm):
    shown: str


class Label(Orm):
    label: str


class Path(Orm):
    path: List[str]


class Opening(Orm):
    opening: Optional[str]


class Length(Orm):
    length: int


class Team(Orm):
    team: str


class Text(Orm):
    text: str


class Stored(Orm):
    stored: int


class Inspected(Orm):
    inspected: int


class Titles(Orm):
    titles: List[str]


class Ids(Orm):
    ids: List[int]


class Counted(Orm):
    counted: int


@app.get("/shown", response_model=List[Shown])
def shown(db: Session = Depends(get_db)):
    return db.scalars(select(Person).order_by(Person.id)).all()


@app.get("/label", response_model=Label)
def label(db: Session = Depends(get_db)):
    return db.scalars(select(Person).where(Person.name == "ben")).one()


@app.get("/label/all")
def label_of_all(db: Session = Depends(get_db)):
    return [person.label for person in db.scalars(select(Person).order_by(Person.id))]


@app.get("/path", response_model=Path)
def path(db: Session = Depends(get_db)):
    return db.scalars(select(Person).where(Person.name == "ben")).one()  # stays: model-reads


@app.get("/path/all")
def path_of_all(db: Session = Depends(get_db)):
    return [person.path for person in db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/opening", response_model=Opening)
def opening(db: Session = Depends(get_db)):
    return db.scalars(select(Person).where(Person.name == "ben")).one()  # stays: model-reads


@app.get("/opening/all")
def opening_of_all(db: Session = Depends(get_db)):
    return [person.opening for person in db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/length", response_model=Length)
def length(db: Session = Depends(get_db)):
    return db.scalars(select(Person).where(Person.name == "ben")).one()  # stays: model-reads


@app.get("/length/all")
def length_of_all(db: Session = Depends(get_db)):
    return [person.length for person in db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/team", response_model=Team)
def team(db: Session = Depends(get_db)):
    return db.scalars(select(Person).where(Person.name == "ben")).one()  # stays: model-reads


@app.get("/team/all")
def team_of_all(db: Session = Depends(get_db)):
    return [person.team for person in db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/text", response_model=Text)
def text(db: Session = Depends(get_db)):
    return db.scalars(select(Person).where(Person.name == "ben")).one()  # stays: model-reads


@app.get("/text/all")
def text_of_all(db: Session = Depends(get_db)):
    return [person.text for person in db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/stored", response_model=Stored)
def stored(db: Session = Depends(get_db)):
    return db.scalars(select(Person).where(Person.name == "ben")).one()  # stays: model-reads


@app.get("/stored/all")
def stored_of_all(db: Session = Depends(get_db)):
    return [person.stored for person in db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/inspected", response_model=Inspected)
def inspected(db: Session = Depends(get_db)):
    return db.scalars(select(Person).where(Person.name == "ben")).one()  # stays: model-reads


@app.get("/inspected/all")
def inspected_of_all(db: Session = Depends(get_db)):
    return [person.inspected for person in db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/titles", response_model=Titles)
def titles(db: Session = Depends(get_db)):
    return db.scalars(select(Person).where(Person.name == "ben")).one()


@app.get("/titles/all")
def titles_of_all(db: Session = Depends(get_db)):
    return [person.titles for person in db.scalars(select(Person).order_by(Person.id))]


@app.get("/ids", response_model=Ids)
def ids(db: Session = Depends(get_db)):
    return db.scalars(select(Person).where(Person.name == "ben")).one()  # stays: model-reads


@app.get("/ids/all")
def ids_of_all(db: Session = Depends(get_db)):
    return [person.ids for person in db.scalars(select(Person).order_by(Person.id))]  # stays: not-loadable


@app.get("/counted", response_model=Counted)
def counted(db: Session = Depends(get_db)):
    return db.scalars(select(Person).where(Person.name == "ben")).one()


@app.get("/counted/all")
def counted_of_all(db: Session = Depends(get_db)):
    return [person.counted for person in db.scalars(select(Person).order_by(Person.id))]


@app.post("/new", response_model=Label)
def new(db: Session = Depends(get_db)):
    person = Person(name="new", team_id=1, boss_id=2)
    db.add(person)
    db.commit()
    return person


@app.get("/rows")
def rows(db: Session = Depends(get_db)):
    found = db.execute(select(Person, Squad.name).join(Squad, Person.team_id == Squad.id).order_by(Person.id))
    return [f"{person} ({squad})" for person, squad in found]


@app.get("/failed")
def failed(db: Session = Depends(get_db)):
    try:
        return db.scalars(select(Person).where(Person.name == "nobody")).one().name
    except Exception as error:
        return str(error)
