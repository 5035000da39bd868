"""Offers whose price is made of two columns, and whose methods ask for the session that they are in."""

from sqlalchemy import Column, Integer, Numeric, String
from sqlalchemy.orm import composite, declarative_base, object_session, synonym

Base = declarative_base()


class Money:
    def __init__(self, amount, currency):
        self.amount = amount
        self.currency = currency

    def __composite_values__(self):
        return self.amount, self.currency

    def __eq__(self, other):
        return isinstance(other, Money) and self.__composite_values__() == other.__composite_values__()

    def __str__(self):
        return f"{self.amount} {self.currency}"


class Offer(Base):
    __tablename__ = "offers"
    id = Column(Integer, primary_key=True)
    title = Column(String(50), nullable=False)
    amount = Column(Numeric(10, 2))
    currency = Column(String(3))
    price = composite(Money, amount, currency)
    _rank = Column("rank", Numeric(4, 1), default=1)
    rank = synonym("_rank")

    def others(self):  # stays: sync-session
        session = object_session(self)
        return session.query(Offer).filter(Offer.id != self.id).count()


def seed(session):
    session.add_all([Offer(title="one", price=Money(1, "EUR")), Offer(title="two", price=Money(2, "EUR"))])
    session.commit()
