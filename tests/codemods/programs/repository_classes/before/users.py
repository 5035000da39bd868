from sqlalchemy.orm import Session

from base import CRUDBase
from models import Address, User


class CRUDUser(CRUDBase[User]):
    def by_name(self, db: Session, *, name):
        return db.query(User).filter(User.name == name).first()

    def of_city(self, db: Session, city):
        return db.query(self.model).join(Address).filter(Address.city == city).order_by(self.model.id).all()


user = CRUDUser(User)
