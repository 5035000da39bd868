from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import get_db
from deps import applied, get_asked, get_audited, get_committed, get_configured, get_executed, get_owned, get_paired
from models import Tag

app = FastAPI()


def first(db: Session):  # stays: custom-dependency
    return db.scalar(select(Tag.name).where(Tag.id == 1))


@app.get("/plain")
def plain(db: Session = Depends(get_db)):
    return [first(db), applied]


@app.get("/configured")
def configured(db: Session = Depends(get_configured)):
    return [first(db), db.info["tenant"]]


@app.post("/configured")
def create(name: str, commit: bool = True, db: Session = Depends(get_configured)):
    db.add(Tag(name=name))
    if commit:
        db.commit()
    return [db.scalar(select(func.count(Tag.id))), first(db)]


@app.get("/committed")
def committed(db: Session = Depends(get_committed)):
    return first(db)


@app.post("/committed")
def create_committed(name: str, db: Session = Depends(get_committed)):
    db.add(Tag(name=name))
    if name == "wrong":
        raise ValueError(name)
    return first(db)


@app.get("/executed")
def executed(db: Session = Depends(get_executed)):
    return [first(db), db.info["tenant"]]


@app.get("/audited")
def audited(db: Session = Depends(get_audited)):  # stays: custom-dependency
    return first(db)


@app.get("/asked")
def asked(db: Session = Depends(get_asked)):  # stays: custom-dependency
    return first(db)


@app.get("/owned")
def owned(db: Session = Depends(get_owned)):  # stays: custom-dependency
    return first(db)


@app.get("/paired")
def paired(db: Session = Depends(get_paired)):  # stays: custom-dependency
    return first(db)


@app.get("/pair")
def pair(db: Session = Depends(get_paired), plain: Session = Depends(get_db)):  # stays: custom-dependency
    return [first(db), first(plain)]
