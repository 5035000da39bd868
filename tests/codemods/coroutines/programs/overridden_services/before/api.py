from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User

app = FastAPI()


class Service:
    def __init__(self, db: Session):
        self.db = db

    def names(self):  # stays: faked
        return list(self.db.scalars(select(User.name).order_by(User.id)))


def get_service(db: Session = Depends(get_db)) -> Service:
    return Service(db)


def get_names(db: Session = Depends(get_db)):
    return list(db.scalars(select(Tag.name).order_by(Tag.id)))


class Other:
    def __init__(self, db: Session = Depends(get_db)):
        self.db = db

    def first(self):  # stays: faked
        return self.db.scalar(select(Tag.name).order_by(Tag.id).limit(1))


@app.get("/names")
def names(service: Service = Depends(get_service)):
    return service.names()


@app.get("/tags")
def tags(found=Depends(get_names)):
    return found


@app.get("/first")
def first(other: Other = Depends()):
    return other.first()
