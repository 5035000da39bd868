from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db
from service import Tags, Users

app = FastAPI()


def tags(db: Session = Depends(get_db)) -> Tags:
    return Tags(db)


def users(db: Session = Depends(get_db)) -> Users:
    return Users(db)


@app.get("/counted")
async def counted(found: Tags = Depends(tags)):  # stays: no-session
    return await found.counted()


@app.get("/names")
def names(found: Tags = Depends(tags)):
    return found.names()


@app.get("/named")
def named(found: Users = Depends(users)):
    return found.named("ada")
