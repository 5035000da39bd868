from sqlalchemy import select

from database import SessionLocal
from models import Tag


def names(db: SessionLocal) -> list[str]:
    return list(db.scalars(select(Tag.name).order_by(Tag.id)))


def add(db: "SessionLocal", name: str) -> None:
    db.add(Tag(name=name))
