from session import SessionDep, get_session
from alchemove import rollback_and_reload, session_depends
from fastapi import Header, HTTPException
from models import Tag, Team, User
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session


async def current_user(x_team: str = Header(""), db: AsyncSession = session_depends(get_session)):
    """The request goes on with the user, whether the team could be noted or not."""
    user = await db.get(User, 1)
    if user is None:
        raise HTTPException(401, "who?")
    try:
        db.add(Team(name=x_team))
        await db.commit()
    except Exception:
        await db.run_sync(rollback_and_reload)
    return user


async def note_visit(x_tag: str | None = Header(None), db: AsyncSession = session_depends(get_session)) -> None:
    """It gives nothing, and expires the user of the request."""
    db.add(Tag(name=x_tag))
    try:
        await db.commit()
    except Exception:
        await db.run_sync(rollback_and_reload)


async def attempts(db: AsyncSession):
    """A dependency of nobody."""
    try:
        await db.flush()
    except Exception:
        await db.rollback()
        raise


async def owner(db: SessionDep) -> User:
    """It runs as a whole, and what it gives is read outside of it."""

    def in_session(db: Session) -> User:
        user = db.get(User, 3)
        if db.get_transaction() is None:
            raise HTTPException(503)
        db.add(Tag(name=None))
        try:
            db.flush()
        except Exception:
            rollback_and_reload(db)
        return user

    return await db.run_sync(in_session)
