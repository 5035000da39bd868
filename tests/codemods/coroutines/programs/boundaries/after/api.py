from alchemove import discard_uncommitted
from fastapi import Depends, FastAPI
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import Session as SQLModelSession

from database import get_db
from helpers import Figures, Named, Unit, Users, WithoutSession, each, names
from models import Tag, User
from session import SessionDep

app = FastAPI()


@app.get("/figures")
async def figures(db: SessionDep):
    return await db.run_sync(lambda db: Figures(db).everything())


@app.get("/again")
async def again(db: SessionDep):
    return [*await db.run_sync(lambda db: Figures(db).once_more()), *await db.run_sync(names)]


@app.get("/posts")
async def posts(db: SessionDep):
    return await db.run_sync(lambda db: WithoutSession().total(db.scalars(select(User).where(User.id == 1).execution_options(populate_existing=True)).one()))


@app.get("/iterated")
async def iterated(db: SessionDep):
    def in_session(db: Session):
        found = []
        for name in Users(db):
            found.append(name)
        return found

    return await db.run_sync(in_session)


@app.get("/stepwise")
async def stepwise(db: SessionDep):
    def in_session(db: Session):
        found = []
        for name in each(db):
            found.append(name)
        return sorted(found)

    return await db.run_sync(in_session)


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


async def current(db: SessionDep) -> str:
    return (await db.get(User, 1)).name


@app.get("/current")
def read_current(name: str = Depends(current)):
    return {"name": name}


@app.post("/unit")
async def unit(name: str, db: SessionDep):
    discard_uncommitted(db)

    def in_session(db: Session):
        with Unit(db) as made:
            made.db.add(Tag(name=name))
        return name

    return await db.run_sync(in_session)


@app.get("/contained")
async def contained(name: str, db: SessionDep):
    def in_session(db: Session):
        return name in Unit(db)

    return await db.run_sync(in_session)


@app.get("/named")
async def named(name: str, db: SessionDep):
    first, second = Named(db, name), Named(db, "ada")
    return [first == second, bool(first and second), await first.user() if not first else (await second.user()).name]
