from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import SessionLocal, get_db
from models import User

app = FastAPI()


def get_test_db():  # stays: not-reached
    with SessionLocal() as db:
        yield db


@app.get("/user")
def user(db: Session = Depends(get_db)):  # stays: overridden-dependency
    return {"name": db.get(User, 1).name}


app.dependency_overrides[get_db] = get_test_db
