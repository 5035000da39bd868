from typing import Any, Generic, List, TypeVar

from models import Base, Post, Team, User
from sqlalchemy import select
from sqlalchemy.orm import Session

Model = TypeVar("Model", bound=Base)


class CRUDBase(Generic[Model]):
    def __init__(self, model: type[Model]):
        self.model = model

    def get(self, db: Session, key: Any) -> Model | None:
        return db.get(self.model, key)

    def get_multi(self, db: Session, skip: int = 0, limit: int = 100) -> List[Model]:
        return db.scalars(select(self.model).order_by(self.model.id).offset(skip).limit(limit)).all()

    def everything(self, db: Session) -> list[Any]:
        return db.scalars(select(self.model).order_by(self.model.id)).all()


team = CRUDBase[Team](Team)
user = CRUDBase[User](User)
post = CRUDBase[Post](Post)
