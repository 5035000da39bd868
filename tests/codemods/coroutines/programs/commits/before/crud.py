import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Tag, Team, User

log = logging.getLogger(__name__)


def create_team(db: Session, name: str) -> Team:
    team = Team(name=name)
    db.add(team)
    db.commit()
    db.refresh(team)
    log.info("a new team")
    return team


def add_tag(db: Session, name: str) -> None:
    db.add(Tag(name=name))
    db.commit()


def rename_team(db: Session, team_id: int, name: str) -> Team:
    """One of its endpoints does something after it."""
    team = db.get(Team, team_id)
    team.name = name
    db.commit()
    db.refresh(team)
    return team


def user_named(db: Session, name: str) -> User:
    return db.scalars(select(User).where(User.name == name)).one()
