import asyncio

from alchemove import async_session
from sqlalchemy.orm import Session

import crud
from models import User


def random_user(db: Session, name: str = "zoe") -> User:
    return asyncio.run(crud.create_user(async_session(db), name=name))


def count_teams(db: Session) -> int:
    return crud.teams(db)


CHECKS = [count_teams]
