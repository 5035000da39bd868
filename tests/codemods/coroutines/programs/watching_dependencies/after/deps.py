"""Dependencies that hand out a session and do something of their own when a request fails."""

import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar

from alchemove import discard_uncommitted
from fastapi import HTTPException
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import SessionLocal
from session import SessionDep

logger = logging.getLogger(__name__)
told = []
caller = ContextVar("caller", default="nobody")


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


def get_tried():  # stays: sync-session
    """Sees first whether the database answers."""
    db = None
    try:
        remember("opening")
        db = SessionLocal()
        try:
            db.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise HTTPException(503, "no database") from error

        yield db
    except HTTPException as error:
        remember(error.detail)
        raise
    except Exception as error:
        try:
            if db is not None:
                db.rollback()
        except Exception as failed:
            logger.warning(f"no rollback: {failed}")
        if str(error) == "wrong":
            raise HTTPException(418, "wrong after all") from error
        else:
            raise
    finally:
        try:
            db.close()
            remember("closed")
        except Exception as failed:
            logger.warning(f"not closed: {failed}")


async def async_get_tried(db: SessionDep):
    """Sees first whether the database answers."""
    try:
        remember("opening")
        try:
            await db.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise HTTPException(503, "no database") from error

        yield db
    except HTTPException as error:
        remember(error.detail)
        raise
    except Exception as error:
        try:
            if db is not None:
                await db.rollback()
        except Exception as failed:
            logger.warning(f"no rollback: {failed}")
        if str(error) == "wrong":
            raise HTTPException(418, "wrong after all") from error
        else:
            raise
    finally:
        try:
            remember("closed")
        except Exception as failed:
            logger.warning(f"not closed: {failed}")


def get_prepared():  # stays: sync-session
    remember("prepared")
    time.sleep(0)  # stays: blocking-call
    db = SessionLocal()
    # The session of a request.
    try:
        yield db
    finally:
        if db:
            db.rollback()
            db.close()


async def async_get_prepared(db: SessionDep):
    remember("prepared")
    time.sleep(0)  # stays: blocking-call
    # The session of a request.
    yield db


def get_surrounded() -> Iterator[Session]:  # stays: sync-session
    with SessionLocal() as db:
        db.connection()
        try:
            yield db
        except ValueError as error:
            if db.is_active:
                db.rollback()
            remember(f"""surrounded: {error}""")
            raise
        remember("surrounded")


async def async_get_surrounded(db: SessionDep) -> AsyncIterator[AsyncSession]:
    await db.connection()
    try:
        yield db
    except ValueError as error:
        if db.is_active:
            await db.rollback()
        remember(f"""surrounded: {error}""")
        raise
    remember("surrounded")


def get_emptied():  # stays: sync-session
    """Leaves no transaction open."""
    db = SessionLocal()
    try:
        yield db
    except Exception:
        db.rollback()
        raise
    finally:
        # A transaction that only read holds its locks, too.
        try:
            db.rollback()
        except Exception:
            pass
        db.close()


def get_emptied_aloud() -> Iterator[Session]:  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    finally:
        remember("emptied")
        try:
            if db.in_transaction():
                db.rollback()
        except SQLAlchemyError as failed:
            logger.warning(f"no rollback: {failed}")
        db.close()


async def async_get_emptied_aloud(db: SessionDep) -> AsyncIterator[AsyncSession]:
    try:
        yield db
    finally:
        remember("emptied")


def get_counted():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    finally:
        try:
            remember(str(len(db.new)))
            db.rollback()
        except SQLAlchemyError:
            pass
        db.close()


def get_written():  # stays: sync-session
    db = SessionLocal()
    try:
        db.execute(text("UPDATE tags SET name = 'written' WHERE id = 1"))
        yield db
    except ValueError:
        remember("written")
        raise
    finally:
        db.close()


async def async_get_written(db: SessionDep):
    discard_uncommitted(db)
    try:
        await db.execute(text("UPDATE tags SET name = 'written' WHERE id = 1"))
        yield db
    except ValueError:
        remember("written")
        raise


def get_known():  # stays: context-variable
    caller.set("known")
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


def get_sometimes():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    except ValueError as error:
        if str(error) == "wrong":
            raise
        remember(str(error))
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
