from fastapi import APIRouter, HTTPException
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import __version__
from app.database import engine
from app.db.session import SessionDep

router = APIRouter()


@router.get("/health")
def health():
    return {"status": "ok", "version": __version__}


@router.get("/health/db")
async def health_db(db: SessionDep):
    try:
        (await db.execute(text("SELECT 1"))).scalar()
    except SQLAlchemyError:
        raise HTTPException(status_code=503, detail="The database is not available")
    return {"status": "ok", "dialect": engine.dialect.name}
