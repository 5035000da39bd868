from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db
from service import Tags, Users
from session import SessionDep

app = FastAPI()


def tags(db: SessionDep) -> Tags:
    return sync_tags(db.sync_session)


def sync_tags(db: Session = Depends(get_db)) -> Tags:
    return Tags(db)


def users(db: SessionDep) -> Users:
    return Users(db)


@app.get("/counted")
async def counted(found: Tags = Depends(sync_tags)):  # stays: no-session
    return await found.counted()


@app.get("/names")
async def names(session: SessionDep, found: Tags = Depends(tags)):
    return await session.run_sync(lambda _: found.names())


@app.get("/named")
async def named(found: Users = Depends(users)):
    return await found.named("ada")
