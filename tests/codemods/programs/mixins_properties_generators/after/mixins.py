from sqlalchemy import select

from models import Address, User


class Queries:
    @property
    def users(self):
        return select(User)

    @classmethod
    def ordered(cls, query):
        return query.order_by(User.id)

    @staticmethod
    def older(query, age):
        return query.where(User.age > age)


class Cities:
    def cities(self):
        for (city,) in self.session.execute(select(Address.city).distinct().order_by(Address.city)):
            yield city
