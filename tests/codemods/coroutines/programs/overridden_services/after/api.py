from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from session import SessionDep
from models import Tag, User

app = FastAPI()


class Service:
    def __init__(self, db: Session):
        self.db = db

    def names(self):  # stays: faked
        return list(self.db.scalars(select(User.name).order_by(User.id)))


def get_service(db: SessionDep) -> Service:
    return Service(db.sync_session)


async def get_names(db: SessionDep):
    return list(await db.scalars(select(Tag.name).order_by(Tag.id)))


class Other:
    def __init__(self, db: SessionDep):
        self.db = db.sync_session

    def first(self):  # stays: faked
        return self.db.scalar(select(Tag.name).order_by(Tag.id).limit(1))


@app.get("/names")
async def names(session: SessionDep, service: Service = Depends(get_service)):
    return await session.run_sync(lambda _: service.names())


@app.get("/tags")
def tags(found=Depends(get_names)):
    return found


@app.get("/first")
async def first(session: SessionDep, other: Other = Depends()):
    return await session.run_sync(lambda _: other.first())
