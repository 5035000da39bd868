from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db
from models import User

app = FastAPI()


@app.get("/user")
def user(db: Session = Depends(get_db)):  # stays: overridden-dependency
    return {"name": db.get(User, 1).name}
