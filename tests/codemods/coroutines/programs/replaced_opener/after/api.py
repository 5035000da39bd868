from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import select

import jobs
from session import SessionDep
from models import User

app = FastAPI()


@app.get("/names")
def names():  # stays: replaced-opener
    with jobs.get_sync_session() as db:
        return list(db.scalars(select(User.name).order_by(User.id)))


@app.get("/first")
async def first(db: SessionDep):
    return {"name": await run_in_threadpool(jobs.first_name), "again": (await db.get(User, 1)).name}
