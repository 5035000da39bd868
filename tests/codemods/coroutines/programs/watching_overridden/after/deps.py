import logging

from database import SessionLocal
from session import SessionDep

logger = logging.getLogger(__name__)


def get_db():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    except Exception:
        logger.exception("a request has failed")
        db.rollback()
        raise
    finally:
        db.close()


async def async_get_db(db: SessionDep):
    try:
        yield db
    except Exception:
        logger.exception("a request has failed")
        await db.rollback()
        raise
