"""Routes of the application for trying something out, in a file that is only called like a test."""

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from database import get_db
from models import Tag

router = APIRouter()


@router.post("/test-tag")
def test_create_tag(name: str, db: Session = Depends(get_db)):
    tag = Tag(name=name)
    db.add(tag)
    db.commit()
    db.refresh(tag)
    return {"id": tag.id}
