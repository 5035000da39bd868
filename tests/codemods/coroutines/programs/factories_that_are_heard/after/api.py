from fastapi import Depends, FastAPI
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from session import SessionDep
from database import SessionLocal, get_db
from models import Tag

app = FastAPI()


@event.listens_for(SessionLocal, "before_flush")
def shout(session, context, instances):
    for each in session.new:
        each.name = each.name.upper()


@app.post("/tags")
def add(name: str, db: Session = Depends(get_db)):  # stays: other-sessions
    db.add(Tag(name=name))
    db.commit()
    return list(db.scalars(select(Tag.name).order_by(Tag.id)))


@app.get("/tags")
async def names(db: SessionDep):
    return list(await db.scalars(select(Tag.name).order_by(Tag.id)))
