from sqlalchemy.orm import Session

import crud
from models import User


def random_user(db: Session, name: str = "zoe") -> User:
    return crud.create_user(db, name=name)


def count_teams(db: Session) -> int:
    return crud.teams(db)


CHECKS = [count_teams]
