from fastapi import Depends, FastAPI
from sqlalchemy import text

from app import database, seeding

app = FastAPI()


def get_db():
    db = database.SessionLocal()
    try:
        yield db
    finally:
        db.close()


def seed():
    return seeding.teams(), seeding.users()


@app.get("/")
def three(db=Depends(get_db)):
    return db.scalar(text("SELECT 3"))
