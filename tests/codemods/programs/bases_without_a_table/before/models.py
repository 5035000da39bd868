import re

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import as_declarative, declared_attr, relationship


@as_declarative()
class Base:
    @declared_attr
    def __tablename__(cls):
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Numbered:
    id = Column(Integer, primary_key=True)


class Named(Base, Numbered):
    __abstract__ = True
    name = Column(String(50))


class Team(Named):
    pass


class User(Named):
    kind = Column(String(10))
    team_id = Column(ForeignKey("team.id"))
    team = relationship("Team")
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "user"}


class Admin(User):
    __tablename__ = None
    __mapper_args__ = {"polymorphic_identity": "admin"}
