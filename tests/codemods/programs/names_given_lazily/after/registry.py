from sqlalchemy import Column, ForeignKey, Integer, String

from base import Base


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))


class Address(Base):
    __tablename__ = "addresses"
    id = Column(Integer, primary_key=True)
    city = Column(String(20))
    user_id = Column(ForeignKey("users.id"))
