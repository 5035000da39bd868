from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import __version__
from app.database import engine, get_db

router = APIRouter()


@router.get("/health")
def health():
    return {"status": "ok", "version": __version__}


@router.get("/health/db")
def health_db(db: Session = Depends(get_db)):
    try:
        db.execute(text("SELECT 1")).scalar()
    except SQLAlchemyError:
        raise HTTPException(status_code=503, detail="The database is not available")
    return {"status": "ok", "dialect": engine.dialect.name}
