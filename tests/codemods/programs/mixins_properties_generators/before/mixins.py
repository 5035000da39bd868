from models import Address, User


class Queries:
    @property
    def users(self):
        return self.session.query(User)

    @classmethod
    def ordered(cls, query):
        return query.order_by(User.id)

    @staticmethod
    def older(query, age):
        return query.filter(User.age > age)


class Cities:
    def cities(self):
        for (city,) in self.session.query(Address.city).distinct().order_by(Address.city):
            yield city
