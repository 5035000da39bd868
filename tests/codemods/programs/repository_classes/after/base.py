from typing import Generic, Type, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Base

ModelType = TypeVar("ModelType", bound=Base)


class CRUDBase(Generic[ModelType]):
    def __init__(self, model: Type[ModelType]):
        self.model = model

    def get(self, db: Session, id):
        return db.scalars(select(self.model).where(self.model.id == id).limit(1)).unique().first()

    def get_multi(self, db: Session, *, skip: int = 0, limit: int = 100):
        return db.scalars(select(self.model).offset(skip).limit(limit)).unique().all()

    def remove(self, db: Session, *, id: int):
        obj = db.get(self.model, id)
        db.delete(obj)
        db.commit()
        return obj
