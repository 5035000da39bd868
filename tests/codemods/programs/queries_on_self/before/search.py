from sqlalchemy.orm import Session

from models import Address, User


class Search:
    def __init__(self, session: Session):
        self.session = session
        self.found = session.query(User)

    def named(self, name):
        self.found = self.found.filter(User.name == name)
        return self

    def in_city(self, city):
        # a user may live there twice
        self.found = self.found.join(User.addresses).filter(Address.city == city)
        return self

    def run(self):
        return self.found.order_by(User.id).all()

    def __len__(self):
        return self.found.count()
