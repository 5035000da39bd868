from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from firms import Person

app = FastAPI()


@app.get("/owners")
def owners(db: Session = Depends(get_db)):
    return [person.firm.owner.name for person in db.scalars(select(Person).order_by(Person.id))]


@app.get("/colleagues")
def colleagues(db: Session = Depends(get_db)):
    return [[other.name for other in p.firm.people] for p in db.scalars(select(Person).order_by(Person.id))]


@app.post("/owners/{ident}")
def rename(ident: int, db: Session = Depends(get_db)):
    person = db.get(Person, ident)
    person.firm.owner.name += "!"
    db.commit()
    return [person.name, person.firm.owner.name]


@app.get("/owned/{ident}")
def owned(ident: int, db: Session = Depends(get_db)):
    person = db.get(Person, ident)
    return person.owned.owner.name if person.owned else None  # stays: held-before
