from fastapi import Depends, FastAPI
from sqlalchemy import select

from database import get_db
from models import User

app = FastAPI()


@app.get("/names")
def names(db=Depends(get_db)):
    return [user.name for user in db.scalars(select(User).order_by(User.id))]


@app.get("/none")
def none(db=Depends(lambda: None)):
    return db
