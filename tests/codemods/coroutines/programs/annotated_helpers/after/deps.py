from typing import Annotated

from alchemove import session_depends
from fastapi import Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from session import get_session
from models import Team, User

SessionDep = Annotated[AsyncSession, session_depends(get_session)]


async def get_current_user(db: SessionDep, name: str = "ada"):
    user = (await db.scalars(select(User).where(User.name == name))).first()
    if user is None:
        raise HTTPException(401)
    return user


async def get_team(db: SessionDep, team: str = "blue"):
    return await db.run_sync(sync_get_team, team)


def sync_get_team(db: SessionDep, team: str = "blue"):
    return db.scalars(select(Team).where(Team.name == team)).one()


CurrentUser = Annotated[User, Depends(get_current_user)]
CurrentTeam = Annotated[Team, Depends(get_team)]
