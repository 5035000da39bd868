from sqlalchemy.orm import Session

from mixins import Cities, Queries
from models import User


class Service(Queries, Cities):
    def __init__(self, session: Session):
        self.session = session

    def names(self, age):
        return [user.name for user in self.ordered(self.older(self.users, age))]

    def number(self):
        return self.users.count()
