from sqlalchemy import select
from sqlalchemy.orm import Session

from base import CRUDBase
from models import Address, User


class CRUDUser(CRUDBase[User]):
    def by_name(self, db: Session, *, name):
        return db.scalars(select(User).where(User.name == name).limit(1)).first()

    def of_city(self, db: Session, city):
        return db.scalars(select(self.model).join(Address).where(Address.city == city).order_by(self.model.id)).unique().all()


user = CRUDUser(User)
