from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db
from ports import Behind, Counting, First, NoCounter, Sized, SizedNames, SizedUsers, Store, Tags, UserCounter, Users

app = FastAPI()


def shown(counter: Counting) -> str:
    return counter.described(f"{counter.total()}:")


def sizes(sized: list[Sized]) -> list[int]:  # stays: no-session
    return [each.size() for each in sized]


def store_of(kind: str, db: Session) -> Store:
    return Users(db) if kind == "users" else Tags(db)


def named(obj, name: str) -> str:
    return getattr(obj, name)()


@app.get("/totals")
def totals(db: Session = Depends(get_db)):
    return [shown(UserCounter(db)), shown(NoCounter())]


@app.get("/names/{kind}")
def names(kind: str, db: Session = Depends(get_db)):
    return store_of(kind, db).names()


@app.get("/sizes")
def all_sizes(db: Session = Depends(get_db)):
    users = SizedUsers(db)
    return sizes([users, SizedNames([], users)])


@app.get("/first")
def first(db: Session = Depends(get_db)):
    return First(db).first()


@app.get("/behind")
def behind(db: Session = Depends(get_db)):
    return named(Behind(db), "latest")


def get_behind(db: Session = Depends(get_db)) -> Behind:
    return Behind(db)


@app.get("/injected")
def injected(behind: Behind = Depends(get_behind)):
    return named(behind, "latest")
