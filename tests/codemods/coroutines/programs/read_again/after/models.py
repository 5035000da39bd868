"""Items, whose columns give back some values changed."""

import enum
from datetime import datetime, timezone

from sqlalchemy import CHAR, JSON, Column, DateTime, Enum, Float, ForeignKey, Integer, Numeric, String
from sqlalchemy.orm import declarative_base, relationship
from sqlalchemy.types import TypeDecorator

Base = declarative_base()


class Kind(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Lower(TypeDecorator):
    impl = String
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value.lower() if value is not None else None


class Owner(Base):
    __tablename__ = "owners"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    email = Column(Lower(50))
    items = relationship("Item", back_populates="owner", order_by="Item.id")


class Item(Base):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    label = Column(Lower(50))
    price = Column(Float)
    cost = Column(Numeric(10, 2))
    qty = Column(Integer, default=0)
    code = Column(CHAR(8))
    kind = Column(Enum(Kind))
    data = Column(JSON)
    owner_id = Column(ForeignKey("owners.id"))
    owner = relationship("Owner", back_populates="items")

    def relabel(self, label):
        self.label = label


class Log(Base):
    __tablename__ = "logs"
    id = Column(Integer, primary_key=True)
    text = Column(String(50))
    made = Column(DateTime(timezone=True), default=lambda: datetime(2020, 1, 1, tzinfo=timezone.utc))
    mark = Column(Lower(10), onupdate="TOUCHED")


def seed(session):
    ann, bob = Owner(name="ann"), Owner(name="bob")
    session.add_all([ann, bob])
    session.flush()
    names = ("one", "two", "three", "four", "five")
    session.add_all([Item(name=name, label="old", cost=2, owner_id=1) for name in names])
    session.add(Log(text="begun"))
    session.commit()
