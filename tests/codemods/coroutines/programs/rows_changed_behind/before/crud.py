from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import User


def rename(db: Session, user_id: int, name: str) -> None:
    statement = update(User).where(User.id == user_id).values(name=name)
    db.execute(statement, execution_options={"synchronize_session": False})


def save(db: Session) -> None:
    db.commit()


def latest(db: Session) -> User:
    return db.scalars(select(User).order_by(User.id.desc()).limit(1)).one()
