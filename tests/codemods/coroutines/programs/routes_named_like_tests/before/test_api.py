from fastapi import APIRouter, Depends
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from api import app
from database import get_db
from models import Tag

router = APIRouter()


@router.get("/first-tag")
def test_first(db: Session = Depends(get_db)):
    return db.get(Tag, 1).name


def test_everything():
    app.include_router(router)
    assert TestClient(app).get("/first-tag").status_code == 200
