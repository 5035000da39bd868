from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db
from helpers import titles, user_named

app = FastAPI()


@app.get("/titles")
def shown(name: str = "ada", db: Session = Depends(get_db)):
    return titles(db, user_named(db, name).id)
