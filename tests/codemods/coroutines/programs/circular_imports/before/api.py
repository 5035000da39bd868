import os

from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, sessionmaker

from models import Tag

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"))
SessionLocal = sessionmaker(bind=engine)


def get_db():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


app = FastAPI()


@app.get("/tags")
def tags(db: Session = Depends(get_db)):  # stays: circular-import
    return list(db.scalars(select(Tag.name).order_by(Tag.id)))
