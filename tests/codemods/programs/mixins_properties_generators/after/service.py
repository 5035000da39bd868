from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mixins import Cities, Queries
from models import User


class Service(Queries, Cities):
    def __init__(self, session: Session):
        self.session = session

    def names(self, age):
        return [user.name for user in self.session.scalars(self.ordered(self.older(self.users, age)))]

    def number(self):
        return self.session.scalar(select(func.count()).select_from(self.users.subquery()))
