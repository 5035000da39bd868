"""Helpers that commit, for whoever calls them."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from models import Post, Team, User


def rename(db: Session, number: int, name: str) -> None:  # stays: stale-after-commit
    db.execute(text("UPDATE users SET name = :name WHERE id = :number"), {"name": name, "number": number})
    db.commit()


def create(db: Session, name: str) -> Team:  # stays: stale-after-commit
    team = Team(name=name)
    db.add(team)
    db.commit()
    return team


def created(db: Session, name: str) -> Team:
    team = Team(name=name)
    db.add(team)
    db.commit()
    db.refresh(team)
    return team


def named(db: Session, number: int, name: str) -> Team | None:
    team = db.get(Team, number)
    if team:
        team.name = name
        db.commit()
        db.refresh(team)
    return team


def titles(db: Session, user: User) -> list[str]:  # stays: stale-after-commit
    found = [post.title for post in user.posts]
    db.add(Post(title=f"{len(found)}", author_id=user.id))
    db.commit()
    return found


