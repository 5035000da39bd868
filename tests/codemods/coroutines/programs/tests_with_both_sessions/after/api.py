from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import User
from session import SessionDep

app = FastAPI()


@app.get("/users")
async def users(db: SessionDep):
    return list(await db.scalars(select(User.name).order_by(User.id)))


@app.get("/count")
def count(db: Session = Depends(get_db)):  # alchemove: skip
    return len(db.scalars(select(User)).all())
