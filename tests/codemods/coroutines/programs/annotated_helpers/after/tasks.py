"""What the program calls itself: FastAPI fills no parameter of it, however that is annotated."""

from fastapi import Depends
from sqlalchemy import func, select
from typing import Annotated

from database import SessionLocal
from deps import CurrentTeam, CurrentUser, sync_get_team
from models import Post, Tag, Team, User


def tell(user: CurrentUser, title: str):  # stays: not-reached
    with SessionLocal() as db:
        db.add(Tag(name=f"{user.name}: {title}"))
        db.commit()


def remind(user: CurrentUser):  # stays: not-reached
    tell(user, "write something")


def members(team: Annotated[Team, Depends(sync_get_team)]):  # stays: not-reached
    with SessionLocal() as db:
        return db.scalar(select(func.count(User.id)).where(User.team_id == team.id))


def written(team: Annotated[Team, Depends(sync_get_team)]):  # stays: not-reached
    with SessionLocal() as db:
        return db.scalar(select(func.count(Post.id)).join(User).where(User.team_id == team.id))


# Who takes a function from here may have FastAPI call it.
NUMBERS = {"members": members, "written": written}
