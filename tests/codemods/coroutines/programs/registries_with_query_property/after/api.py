from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connection import Marked, get_db
from models import Tag

app = FastAPI()


@app.post("/tags")
async def create(name: str, db: Session = Depends(get_db)):  # stays: other-sessions
    db.add(Tag(name=name))
    db.commit()
    return db.scalar(select(func.count(Tag.id)))


@app.get("/tags")
def count():  # stays: sync-session
    query = Marked.query
    try:
        return query.count()
    finally:
        query.session.close()
