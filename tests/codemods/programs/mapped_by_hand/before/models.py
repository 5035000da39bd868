"""Classes that know nothing of tables, mapped apart from where they are defined; and a hierarchy that is loaded with the tables below it."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import registry, relationship

mapping = registry()
Base = mapping.generate_base()

batches = Table("batches", mapping.metadata, Column("id", Integer, primary_key=True), Column("sku", String(20)))
lines = Table(
    "lines", mapping.metadata, Column("id", Integer, primary_key=True), Column("batch_id", ForeignKey("batches.id"))
)


class Batch:
    def __init__(self, sku):
        self.sku = sku


class Line:
    pass


class Animal(Base):
    __tablename__ = "animals"
    id = Column(Integer, primary_key=True)
    kind = Column(String(20))
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "animal", "with_polymorphic": "*"}


class Dog(Animal):
    __tablename__ = "dogs"
    id = Column(ForeignKey("animals.id"), primary_key=True)
    puppies = relationship("Puppy", lazy="joined")
    __mapper_args__ = {"polymorphic_identity": "dog"}


class Puppy(Base):
    __tablename__ = "puppies"
    id = Column(Integer, primary_key=True)
    dog_id = Column(ForeignKey("dogs.id"))


class Vehicle(Base):
    __tablename__ = "vehicles"
    id = Column(Integer, primary_key=True)
    kind = Column(String(20))
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "vehicle"}


class Lorry(Vehicle):
    __tablename__ = "lorries"
    id = Column(ForeignKey("vehicles.id"), primary_key=True)
    wheels = relationship("Wheel", lazy="joined")
    __mapper_args__ = {"polymorphic_identity": "lorry"}


class Wheel(Base):
    __tablename__ = "wheels"
    id = Column(Integer, primary_key=True)
    lorry_id = Column(ForeignKey("lorries.id"))


def start_mappers():
    mapping.map_imperatively(Line, lines)
    mapping.map_imperatively(Batch, batches, properties={"lines": relationship(Line, lazy="joined")})
