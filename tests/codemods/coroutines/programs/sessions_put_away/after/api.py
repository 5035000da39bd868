from fastapi import Depends, FastAPI, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User
from session import SessionDep

app = FastAPI()


def resolve(context: dict) -> list[str]:
    return list(context["db"].scalars(select(Tag.name).order_by(Tag.id)))


def current(request: Request) -> list[str]:
    return list(request.state.db.scalars(select(User.name).order_by(User.id)))


@app.get("/state")
async def kept_in_the_request(request: Request, db: Session = Depends(get_db)):  # stays: session-for-later
    request.state.db = db
    return current(request)


@app.get("/typed")
async def kept_with_a_type(request: Request, db: Session = Depends(get_db)):  # stays: session-for-later
    request.state.db: Session = db
    return current(request)


@app.get("/display")
def kept_in_a_display(db: Session = Depends(get_db)):  # stays: session-for-later
    return resolve({"db": db})


@app.get("/called")
def kept_in_a_call(db: Session = Depends(get_db)):  # stays: session-for-later
    return resolve(dict(db=db))


@app.get("/item")
def kept_in_an_item(db: Session = Depends(get_db)):  # stays: session-for-later
    context = {}
    context["db"] = db
    return resolve(context)


@app.get("/list")
def kept_in_a_list(db: Session = Depends(get_db)):  # stays: session-for-later
    return [resolve({"db": each}) for each in [db]]


class Holder:
    def __init__(self, db: AsyncSession):
        self.db = db
        self.seen = []


@app.get("/followed")
async def kept_where_it_can_be_followed(db: SessionDep):
    holder = Holder(db)
    again = holder.db
    holder.seen = [await again.scalar(select(User.name).order_by(User.id).limit(1))]
    return holder.seen
