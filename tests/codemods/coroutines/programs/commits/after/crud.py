import logging

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Tag, Team, User

log = logging.getLogger(__name__)


async def create_team(db: AsyncSession, name: str) -> Team:
    team = Team(name=name)
    db.add(team)
    await db.flush()
    await db.refresh(team)
    log.info("a new team")
    return team


async def add_tag(db: AsyncSession, name: str) -> None:
    db.add(Tag(name=name))
    await db.flush()


async def rename_team(db: AsyncSession, team_id: int, name: str) -> Team:
    """One of its endpoints does something after it."""
    team = await db.get(Team, team_id)
    team.name = name
    await db.commit()
    await db.refresh(team)
    return team


async def user_named(db: AsyncSession, name: str) -> User:
    return (await db.scalars(select(User).where(User.name == name))).one()
