from typing import Annotated

from fastapi import Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Team, User

SessionDep = Annotated[Session, Depends(get_db)]


def get_current_user(db: SessionDep, name: str = "ada"):
    user = db.scalars(select(User).where(User.name == name)).first()
    if user is None:
        raise HTTPException(401)
    return user


def get_team(db: SessionDep, team: str = "blue"):
    return db.scalars(select(Team).where(Team.name == team)).one()


CurrentUser = Annotated[User, Depends(get_current_user)]
CurrentTeam = Annotated[Team, Depends(get_team)]
