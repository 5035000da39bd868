from functools import reduce, singledispatch

from database import get_db
from desk import Agent, Note
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

app = FastAPI()
REGISTERED = {}


def registered(function):
    REGISTERED[function.__name__] = function
    return function


@registered
def desk_of(agent):  # stays: unknown-wrapper
    return agent.desk.name  # stays: unknown-origin


@registered
def beside(agent):  # stays: not-reached
    return [other.name for other in agent.desk.agents]


def name_of(agent):
    return agent.name


SHOWN = {"desk": lambda agent: agent.desk.name, "name": lambda agent: agent.name}
NOTED = {"text": lambda note: note.text}


def apply(function, agent):  # stays: no-session
    return function(agent)


class Views:
    def show_desk(self, agent):  # stays: unfollowed-calls
        return agent.desk.name  # stays: unknown-origin

    def show_name(self, agent):
        return agent.name

    def show(self, kind, agent):  # stays: no-session
        return getattr(self, f"show_{kind}")(agent)  # stays: unknown-origin


@app.get("/shown/{id}")
def shown(id: int, db: Session = Depends(get_db)):
    agent = db.scalars(select(Agent).filter_by(id=id)).first()
    return {kind: SHOWN[kind](agent) for kind in ("desk", "name")}  # stays: unknown-origin


@app.get("/registered/{id}")
def all_registered(id: int, db: Session = Depends(get_db)):
    agent = db.scalars(select(Agent).filter_by(id=id)).first()
    return [show(agent) for show in REGISTERED.values()]  # stays: unknown-origin


@app.get("/applied/{id}")
def applied(id: int, db: Session = Depends(get_db)):
    agent = db.scalars(select(Agent).filter_by(id=id)).first()
    return apply(desk_of, agent)  # stays: unknown-origin


@app.get("/mapped")
def mapped(db: Session = Depends(get_db)):
    agents = db.scalars(select(Agent).order_by(Agent.id)).all()
    return list(map(desk_of, agents))  # stays: unknown-origin


@app.get("/sorted")
def in_order(db: Session = Depends(get_db)):
    return [agent.name for agent in sorted(db.scalars(select(Agent)).all(), key=desk_of)]  # stays: unknown-origin


@app.get("/viewed/{id}")
def viewed(id: int, db: Session = Depends(get_db)):
    agent = db.scalars(select(Agent).filter_by(id=id)).first()
    return [Views().show(kind, agent) for kind in ("desk", "name")]


@app.get("/parts/{id}")
def in_parts(id: int, db: Session = Depends(get_db)):
    agent = db.scalars(select(Agent).filter_by(id=id)).first()
    value = agent
    for part in ("desk", "name"):
        value = getattr(value, part)  # stays: unknown-origin
    return value


@app.get("/named")
def named(db: Session = Depends(get_db)):
    return list(map(name_of, db.scalars(select(Agent).order_by(Agent.id)).all()))


@singledispatch
def described(value):
    return str(value)


@described.register
def _(value: Agent):  # stays: not-reached
    return value.desk.name


@app.get("/described/{id}")
def described_one(id: int, db: Session = Depends(get_db)):
    agent = db.scalars(select(Agent).filter_by(id=id)).first()
    return described(agent), described(id)  # stays: unknown-origin


@app.get("/reduced/{id}")
def reduced(id: int, path: str = "desk.name", db: Session = Depends(get_db)):
    agent = db.scalars(select(Agent).filter_by(id=id)).first()
    return reduce(lambda value, name: getattr(value, name), path.split("."), agent)  # stays: unknown-origin


@app.get("/notes/{id}")
def notes(id: int, db: Session = Depends(get_db)):
    note = db.scalars(select(Note).filter_by(id=id)).first()
    return {kind: NOTED[kind](note) for kind in ("text",)}
