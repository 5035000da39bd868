"""Engine, sessions and the declarative base."""

from contextlib import contextmanager

import psycopg2
from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base, sessionmaker
from sqlmodel import SQLModel

from app.config import settings

engine = create_engine(
    settings.DATABASE_URL,
    pool_pre_ping=True,
    pool_size=settings.DB_POOL_SIZE,
    max_overflow=settings.DB_MAX_OVERFLOW,
    echo=settings.DB_ECHO,
)

SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)

# The webhook and audit tables are SQLModel classes: with one MetaData the foreign
# keys between both kinds of models resolve, and Alembic sees all tables.
Base = declarative_base(metadata=SQLModel.metadata)


def get_db():
    """FastAPI dependency: a session per request."""
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


@contextmanager
def get_db_session():
    """Session for scripts and jobs: commits at the end, rolls back on an error."""
    db = SessionLocal()
    try:
        yield db
        db.commit()
    except Exception:
        db.rollback()
        raise
    finally:
        db.close()


def get_db_connection():
    """Raw psycopg2 connection for the reports; the caller closes it."""
    return psycopg2.connect(settings.DATABASE_URL)


def create_db_tables():
    """Create all tables (development only, deployments run the migrations)."""
    import app.models  # noqa: F401

    Base.metadata.create_all(bind=engine)
