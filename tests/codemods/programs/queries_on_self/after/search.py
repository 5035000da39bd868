from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Address, User


class Search:
    def __init__(self, session: Session):
        self.session = session
        self.found = select(User)

    def named(self, name):
        self.found = self.found.where(User.name == name)
        return self

    def in_city(self, city):
        # a user may live there twice
        self.found = self.found.join(User.addresses).where(Address.city == city)
        return self

    def run(self):
        return self.session.scalars(self.found.order_by(User.id)).unique().all()

    def __len__(self):
        return self.session.scalar(select(func.count()).select_from(self.found.subquery()))
