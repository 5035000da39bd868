from typing import List, Optional

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from staff import Emp, Eng, Team

app = FastAPI()


class EngOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    lang: str


class AnyOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    lang: Optional[str] = None


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    emps: List[AnyOut]


@app.get("/labels")
def labels(db: Session = Depends(get_db)):
    return [e.label() for e in db.scalars(select(Emp).order_by(Emp.id))]


@app.get("/described")
def described(db: Session = Depends(get_db)):
    return [e.described for e in db.scalars(select(Emp).where(Emp.kind == "eng"))]  # stays: not-loadable


@app.get("/described2")
def described2(db: Session = Depends(get_db)):
    return [e.described for e in db.scalars(select(Eng))]


@app.get("/engs", response_model=List[EngOut])
def engs(db: Session = Depends(get_db)):
    return db.scalars(select(Eng)).all()


@app.get("/any", response_model=List[AnyOut])
def any_(db: Session = Depends(get_db)):
    return db.scalars(select(Emp).order_by(Emp.id)).all()  # stays: model-reads


@app.get("/team", response_model=TeamOut)
def team(db: Session = Depends(get_db)):
    return db.get(Team, 1)  # stays: model-reads


@app.post("/new", response_model=EngOut)
def new(db: Session = Depends(get_db)):
    e = Eng(name="n", lang="c")
    db.add(e)
    db.commit()
    db.refresh(e)
    return e


@app.post("/new2")
def new2(db: Session = Depends(get_db)):
    e = Eng(name="n", lang="c")
    db.add(e)
    db.commit()
    return e.lang


@app.get("/get")
def get_(db: Session = Depends(get_db)):
    return db.get(Eng, 1).lang


@app.get("/getemp")
def getemp(db: Session = Depends(get_db)):
    return db.get(Emp, 1).lang  # stays: not-loadable


@app.post("/longer")
def longer(db: Session = Depends(get_db)):
    for e in db.scalars(select(Emp).order_by(Emp.id)):
        if isinstance(e, Eng):
            e.lang += "!"
    db.commit()
    return [e.lang for e in db.scalars(select(Eng))]


@app.post("/renamed")
def renamed(db: Session = Depends(get_db)):
    for e in db.scalars(select(Emp).order_by(Emp.id)):
        e.name += "!"
    db.commit()
    return [e.name for e in db.scalars(select(Emp).order_by(Emp.id))]
