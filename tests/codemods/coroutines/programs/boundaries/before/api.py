from fastapi import Depends, FastAPI
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import Session as SQLModelSession

from database import get_db
from helpers import Figures, Named, Unit, Users, WithoutSession, each, names
from models import Tag, User

app = FastAPI()


@app.get("/figures")
def figures(db: Session = Depends(get_db)):
    return Figures(db).everything()


@app.get("/again")
def again(db: Session = Depends(get_db)):
    return [*Figures(db).once_more(), *names(db)]


@app.get("/posts")
def posts(db: Session = Depends(get_db)):
    return WithoutSession().total(db.scalars(select(User).where(User.id == 1).execution_options(populate_existing=True)).one())


@app.get("/iterated")
def iterated(db: Session = Depends(get_db)):
    found = []
    for name in Users(db):
        found.append(name)
    return found


@app.get("/stepwise")
def stepwise(db: Session = Depends(get_db)):
    found = []
    for name in each(db):
        found.append(name)
    return sorted(found)


@app.get("/mapped")
def mapped(db: Session = Depends(get_db)):  # stays: deferred-outside-call
    found = []
    for name in map(lambda ident: db.get(User, ident).name, [1, 2]):
        found.append(name)
    return found


@app.get("/streamed")
def streamed(db: Session = Depends(get_db)):  # stays: consumed-generator
    return StreamingResponse(str(len(db.get(User, ident).posts)) for ident in (1, 2))


@app.get("/unknown")
def unknown(kind: str = "tags", db: SQLModelSession = Depends(get_db)):  # stays: unknown-select
    statements = {"tags": select(Tag.name), "users": select(User.name)}
    found = sorted(db.exec(statements[kind]))
    db.rollback()
    return found


def current(db: Session = Depends(get_db)) -> str:
    return db.get(User, 1).name


@app.get("/current")
def read_current(name: str = Depends(current)):
    return {"name": name}


@app.post("/unit")
def unit(name: str, db: Session = Depends(get_db)):
    with Unit(db) as made:
        made.db.add(Tag(name=name))
    return name


@app.get("/contained")
def contained(name: str, db: Session = Depends(get_db)):
    return name in Unit(db)


@app.get("/named")
def named(name: str, db: Session = Depends(get_db)):
    first, second = Named(db, name), Named(db, "ada")
    return [first == second, bool(first and second), first.user() if not first else second.user().name]
