"""Dependencies that are given a session, do something with it, and give it on."""

from typing import Annotated

from fastapi import Depends, Header
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User

ended: list[str] = []


def get_tenant_db(x_tenant: str = Header("public"), db: Session = Depends(get_db)) -> Session:
    db.execute(update(Tag).where(Tag.id == 1).values(name=x_tenant))
    db.info["tenant"] = x_tenant
    return db


TenantDb = Annotated[Session, Depends(get_tenant_db)]


def get_watched_db(db: Session = Depends(get_db)):
    """It looks after the session as well."""
    db.execute(text("UPDATE tags SET name = 'watched' WHERE id = 1"))
    try:
        yield db
    except ValueError as error:
        db.rollback()
        ended.append(f"{error}: {db.scalar(select(Tag.name).where(Tag.id == 1))}")
        raise
    finally:
        ended.append("watched")


def get_tagged_db(db: Session = Depends(get_db)):
    db.execute(update(Tag).where(Tag.id == 1).values(name="tagged"))
    return db


def get_called_db(db: Session = Depends(get_db)):  # stays: shared-request
    """It is called as well."""
    db.execute(update(Tag).where(Tag.id == 1).values(name="called"))
    return db


def current_user(db: TenantDb, user_id: int = 1) -> User:
    return db.get(User, user_id)


def get_shared_db(db: Session = Depends(get_db)):  # stays: shared-request
    """A sync endpoint has it, too."""
    db.execute(update(Tag).where(Tag.id == 1).values(name="shared"))
    return db


def get_unused_db(db: Session = Depends(get_db)):
    """Whoever has it does nothing with it."""
    db.execute(update(Tag).where(Tag.id == 1).values(name="unused"))
    return db
