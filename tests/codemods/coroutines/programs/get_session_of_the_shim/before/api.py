from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_session, other_session
from models import Tag

app = FastAPI()


@app.get("/tags")
def read_tags(session: Session = Depends(get_session)):
    return session.scalars(select(Tag.name).order_by(Tag.id)).all()


@app.post("/tags")
def create_tag(name: str, session: Session = Depends(other_session)):
    tag = Tag(name=name)
    session.add(tag)
    session.commit()
    session.refresh(tag)
    return {"name": tag.name}
