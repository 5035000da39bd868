import asyncio
import subprocess
import time
from time import sleep

from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from clients import digest, echo, printer
from database import get_db
from models import User
from session import SessionDep, get_async_session

app = FastAPI()


@app.get("/users")
def users(db: Session = Depends(get_db)):
    sleep(0)  # stays: blocking-call
    with open(__file__) as source:  # stays: blocking-call
        length = len(source.read()) > 0
    names = [user.name for user in db.scalars(select(User).order_by(User.id))]
    shown = subprocess.run(["echo", str(len(names))], capture_output=True, text=True).stdout  # stays: blocking-call
    return {"shown": shown, "names": names, "length": length, "sent": printer.send(names[0]), "echo": echo(names[0])}


@app.get("/sync")
def sync():
    """Stays in a thread of its own."""
    time.sleep(0)
    return digest("ada")


async def name_of(session: AsyncSession, ident: int):
    return (await session.get(User, ident)).name


async def name_alone(ident: int):
    async with get_async_session() as session:
        return await name_of(session, ident)


@app.get("/alone")
async def alone():
    return await asyncio.gather(name_alone(1), name_alone(2))


@app.get("/one")
async def one(session: SessionDep):
    return await asyncio.gather(name_of(session, 1), name_alone(2))


async def together(session: AsyncSession):
    """Never called: it would fail, sooner or later."""
    first = asyncio.create_task(name_of(session, 1))
    second = asyncio.create_task(name_of(session, 2))  # stays: session-in-tasks
    await asyncio.gather(*[name_of(session, ident) for ident in (1, 2)])  # stays: session-in-tasks
    return await asyncio.gather(first, second)
