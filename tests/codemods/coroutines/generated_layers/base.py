"""The generic class that so many applications have copied."""

from typing import Any, Generic, TypeVar

from models import Base, Document, Person
from pydantic import BaseModel
from schemas import DocumentCreate, DocumentUpdate, PersonCreate, PersonUpdate
from sqlalchemy import func, select
from sqlalchemy.orm import Session

Model = TypeVar("Model", bound=Base)
Create = TypeVar("Create", bound=BaseModel)
Update = TypeVar("Update", bound=BaseModel)


class CRUDBase(Generic[Model, Create, Update]):
    def __init__(self, model: type[Model]):
        self.model = model

    def get(self, db: Session, key: Any) -> Model | None:
        return db.scalars(select(self.model).where(self.model.id == key)).first()

    def get_multi(self, db: Session, *, skip: int = 0, limit: int = 100) -> list[Model]:
        return db.scalars(select(self.model).order_by(self.model.id).offset(skip).limit(limit)).all()

    def count(self, db: Session) -> int:
        return db.scalar(select(func.count()).select_from(self.model))

    def create(self, db: Session, *, obj_in: Create) -> Model:
        db_obj = self.model(**obj_in.model_dump(exclude_unset=True))
        db.add(db_obj)
        db.commit()
        db.refresh(db_obj)
        return db_obj

    def update(self, db: Session, *, db_obj: Model, obj_in: Update | dict[str, Any]) -> Model:
        data = obj_in if isinstance(obj_in, dict) else obj_in.model_dump(exclude_unset=True)
        for field in data:
            setattr(db_obj, field, data[field])
        db.add(db_obj)
        db.commit()
        db.refresh(db_obj)
        return db_obj

    def remove(self, db: Session, *, key: int) -> Model | None:
        obj = db.get(self.model, key)
        db.delete(obj)
        db.commit()
        return obj


class CRUDPerson(CRUDBase[Person, PersonCreate, PersonUpdate]):
    def by_name(self, db: Session, *, name: str) -> Person | None:
        return db.scalars(select(Person).where(Person.name == name)).first()

    def rename(self, db: Session, *, db_obj: Person, name: str) -> Person:
        return super().update(db, db_obj=db_obj, obj_in={"name": name})


class CRUDDocument(CRUDBase[Document, DocumentCreate, DocumentUpdate]):
    def create_for(self, db: Session, *, obj_in: DocumentCreate, owner: Person) -> Document:
        db_obj = Document(**obj_in.model_dump(exclude={"owner_id"}), owner_id=owner.id)
        db.add(db_obj)
        db.flush()
        return db_obj


person = CRUDPerson(Person)
document = CRUDDocument(Document)
