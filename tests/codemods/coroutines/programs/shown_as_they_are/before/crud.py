"""A generic class whose methods give objects of no known class."""

from typing import Generic, TypeVar

from models import Post
from sqlalchemy import func, select
from sqlalchemy.orm import Session

Model = TypeVar("Model")


class Crud(Generic[Model]):
    def __init__(self, model: type[Model]):
        self.model = model

    def get(self, db: Session, key: int) -> Model:  # stays: stale-after-commit
        return db.get(self.model, key)

    def all(self, db: Session) -> list[Model]:  # stays: stale-after-commit
        return db.scalars(select(self.model).order_by(self.model.id)).all()

    def save(self, db: Session, obj: Model, values: dict) -> Model:  # stays: stale-after-commit
        for name, value in values.items():
            setattr(obj, name, value)
        db.add(obj)
        db.commit()
        return obj

    def count(self, db: Session) -> int:
        return db.scalar(select(func.count()).select_from(self.model))


def page(db: Session) -> dict:  # stays: stale-after-commit
    return {"items": db.scalars(select(Post).order_by(Post.id)).all(), "page": 1}


def keys(db: Session) -> list[int]:
    return [row.id for row in db.execute(select(Post.id).order_by(Post.id))]


post = Crud(Post)
