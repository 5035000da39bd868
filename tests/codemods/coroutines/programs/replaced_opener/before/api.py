from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

import jobs
from database import get_db
from models import User

app = FastAPI()


@app.get("/names")
def names():  # stays: replaced-opener
    with jobs.get_sync_session() as db:
        return list(db.scalars(select(User.name).order_by(User.id)))


@app.get("/first")
def first(db: Session = Depends(get_db)):
    return {"name": jobs.first_name(), "again": db.get(User, 1).name}
