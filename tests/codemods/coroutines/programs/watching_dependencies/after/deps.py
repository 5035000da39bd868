"""Dependencies that hand out a session and do something of their own when a request fails."""

import logging
from collections.abc import AsyncIterator, Iterator

from fastapi import HTTPException
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import SessionLocal
from session import SessionDep

logger = logging.getLogger(__name__)
told = []


def remember(text):
    told.append(text)


def audit(text):  # stays: sync-session
    db = SessionLocal()
    db.connection()
    db.close()
    told.append(text)


def get_db() -> Iterator[Session]:  # stays: sync-session
    """The session of a request."""
    db = SessionLocal()
    try:
        yield db
    except HTTPException:
        raise
    except Exception as e:
        # Nobody else would see it.
        logger.error(f"Database session error: {str(e)[:100]}")
        remember(type(e).__name__)
        db.rollback()
        raise
    finally:
        db.close()


async def async_get_db(db: SessionDep) -> AsyncIterator[AsyncSession]:
    """The session of a request."""
    try:
        yield db
    except HTTPException:
        raise
    except Exception as e:
        # Nobody else would see it.
        logger.error(f"Database session error: {str(e)[:100]}")
        remember(type(e).__name__)
        await db.rollback()
        raise


def get_committed():  # stays: sync-session
    db: Session = SessionLocal()
    try:
        yield db
        db.commit()
        remember("committed")
    except SQLAlchemyError as error:
        remember(type(error).__name__)
        db.rollback()
        raise HTTPException(status_code=400, detail="Database operation failed.") from error
    finally:
        db.close()
        remember("closed")


async def async_get_committed(db: SessionDep):
    try:
        yield db
        await db.commit()
        remember("committed")
    except SQLAlchemyError as error:
        remember(type(error).__name__)
        await db.rollback()
        raise HTTPException(status_code=400, detail="Database operation failed.") from error
    finally:
        remember("closed")


def get_audited():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    except Exception:
        audit("failed")
        raise
    finally:
        db.close()


def get_swallowing():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    except ValueError as error:
        remember(str(error))
        db.rollback()
    finally:
        db.close()


def get_looking():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    except Exception:
        remember(str(len(db.new)))
        raise
    finally:
        db.close()
