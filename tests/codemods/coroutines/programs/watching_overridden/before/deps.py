import logging

from database import SessionLocal

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
