from fastapi import Depends, Header, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Team, User


def current_user(authorization: str = Header("Bearer ada"), db: Session = Depends(get_db)) -> User:
    """The user of the request."""
    user = db.scalars(select(User).where(User.name == authorization[7:])).first()
    if user is None:
        raise HTTPException(401)
    return user


def current_team(name: str = "blue", db: Session = Depends(get_db)) -> Team:
    return db.scalars(select(Team).where(Team.name == name)).one()


async def current_badge(name: str = "ada", db: Session = Depends(get_db)) -> str:
    return db.scalars(select(User.name).where(User.name == name)).one().upper()


def current_name(user: User = Depends(current_user), db: Session = Depends(get_db)) -> str:  # stays: unfollowed-calls
    """It is looked up by its name, too."""
    return db.scalars(select(User.name).where(User.id == user.id)).one()
