from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Owner(Base):
    __tablename__ = "owners"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    pet = relationship("Pet", uselist=False, viewonly=True, lazy="joined")


class Pet(Base):
    __tablename__ = "pets"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    owner_id = Column(ForeignKey("owners.id"))
    tag = relationship("Tag", uselist=False, viewonly=True, lazy="joined")


class Tag(Base):
    __tablename__ = "tags"
    id = Column(Integer, primary_key=True)
    pet_id = Column(ForeignKey("pets.id"), unique=True)
    shop_id = Column(Integer)
    shop = relationship("Shop", primaryjoin="foreign(Tag.shop_id) == Shop.id", uselist=False, viewonly=True, lazy="joined")


class Shop(Base):
    __tablename__ = "shops"
    id = Column(Integer, primary_key=True)
    town = Column(String(20))
    street = relationship(
        "Street", primaryjoin="foreign(Shop.town) == Street.town", uselist=False, viewonly=True
    )


class Street(Base):
    __tablename__ = "streets"
    id = Column(Integer, primary_key=True)
    town = Column(String(20))


class Node(Base):
    __tablename__ = "nodes"
    id = Column(Integer, primary_key=True)
    parent_id = Column(ForeignKey("nodes.id"))
    parent = relationship("Node", remote_side=[id], viewonly=True)
    children = relationship("Node", remote_side=[parent_id], viewonly=True)
