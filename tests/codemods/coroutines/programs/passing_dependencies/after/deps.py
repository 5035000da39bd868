"""Dependencies that are given a session, do something with it, and give it on."""

from typing import Annotated

from alchemove import session_depends
from fastapi import Depends, Header
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User
from session import SessionDep, get_session

ended: list[str] = []


async def get_tenant_db(x_tenant: str = Header("public"), db: AsyncSession = session_depends(get_session)) -> AsyncSession:
    await db.execute(update(Tag).where(Tag.id == 1).values(name=x_tenant))
    db.info["tenant"] = x_tenant
    return db


TenantDb = Annotated[AsyncSession, Depends(get_tenant_db)]


async def get_watched_db(db: SessionDep):
    """It looks after the session as well."""
    await db.execute(text("UPDATE tags SET name = 'watched' WHERE id = 1"))
    try:
        yield db
    except ValueError as error:
        await db.rollback()
        ended.append(f"{error}: {await db.scalar(select(Tag.name).where(Tag.id == 1))}")
        raise
    finally:
        ended.append("watched")


async def get_tagged_db(db: SessionDep):
    await db.execute(update(Tag).where(Tag.id == 1).values(name="tagged"))
    return db


def get_called_db(db: Session = Depends(get_db)):  # stays: shared-request
    """It is called as well."""
    db.execute(update(Tag).where(Tag.id == 1).values(name="called"))
    return db


async def current_user(db: TenantDb, user_id: int = 1) -> User:
    return await db.get(User, user_id)


def get_shared_db(db: Session = Depends(get_db)):  # stays: shared-request
    """A sync endpoint has it, too."""
    db.execute(update(Tag).where(Tag.id == 1).values(name="shared"))
    return db


async def get_unused_db(db: SessionDep):
    """Whoever has it does nothing with it."""
    await db.execute(update(Tag).where(Tag.id == 1).values(name="unused"))
    return db
