from functools import reduce, singledispatch

from session import SessionDep, get_session
from desk import Agent, Note
from alchemove import session_depends
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

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
async def shown(id: int, db: SessionDep):
    agent = (await db.scalars(select(Agent).filter_by(id=id))).first()
    return {kind: await db.run_sync(lambda _: SHOWN[kind](agent)) for kind in ("desk", "name")}  # stays: unknown-origin


@app.get("/registered/{id}")
async def all_registered(id: int, db: SessionDep):
    agent = (await db.scalars(select(Agent).filter_by(id=id))).first()
    return [await db.run_sync(lambda _: show(agent)) for show in REGISTERED.values()]  # stays: unknown-origin


@app.get("/applied/{id}")
async def applied(id: int, db: SessionDep):
    agent = (await db.scalars(select(Agent).filter_by(id=id))).first()
    return await db.run_sync(lambda _: apply(desk_of, agent))  # stays: unknown-origin


@app.get("/mapped")
async def mapped(db: SessionDep):
    agents = (await db.scalars(select(Agent).order_by(Agent.id))).all()
    return await db.run_sync(lambda _: list(map(desk_of, agents)))  # stays: unknown-origin


@app.get("/sorted")
async def in_order(db: SessionDep):
    return [agent.name for agent in await db.run_sync(lambda db: sorted(db.scalars(select(Agent)).all(), key=desk_of))]  # stays: unknown-origin


@app.get("/viewed/{id}")
async def viewed(id: int, db: SessionDep):
    agent = (await db.scalars(select(Agent).filter_by(id=id))).first()
    return [await db.run_sync(lambda _: Views().show(kind, agent)) for kind in ("desk", "name")]


@app.get("/parts/{id}")
async def in_parts(id: int, db: SessionDep):
    agent = (await db.scalars(select(Agent).filter_by(id=id))).first()
    value = agent
    for part in ("desk", "name"):
        value = await db.run_sync(lambda _: getattr(value, part))  # stays: unknown-origin
    return value


@app.get("/named")
async def named(db: SessionDep):
    return list(map(name_of, (await db.scalars(select(Agent).order_by(Agent.id))).all()))


@singledispatch
def described(value):
    return str(value)


@described.register
def _(value: Agent):  # stays: not-reached
    return value.desk.name


@app.get("/described/{id}")
async def described_one(id: int, db: SessionDep):
    agent = (await db.scalars(select(Agent).filter_by(id=id))).first()
    return await db.run_sync(lambda _: described(agent)), described(id)  # stays: unknown-origin


@app.get("/reduced/{id}")
async def reduced(id: int, path: str = "desk.name", db: AsyncSession = session_depends(get_session)):
    agent = (await db.scalars(select(Agent).filter_by(id=id))).first()
    return await db.run_sync(lambda _: reduce(lambda value, name: getattr(value, name), path.split("."), agent))  # stays: unknown-origin


@app.get("/notes/{id}")
async def notes(id: int, db: SessionDep):
    note = (await db.scalars(select(Note).filter_by(id=id))).first()
    return {kind: NOTED[kind](note) for kind in ("text",)}
